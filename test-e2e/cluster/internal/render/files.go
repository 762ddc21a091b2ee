package render

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
	"text/template"

	"sigs.k8s.io/yaml"

	"agenttier.io/test-e2e/cluster/internal/node"
	"agenttier.io/test-e2e/cluster/internal/storage"
	"agenttier.io/test-e2e/cluster/internal/subnet"
)

//go:embed templates
var templateFiles embed.FS

// Strings go into YAML, TOML and JSON through printf "%q": all three read a string that Go has quoted, as paths hold no control characters.
var templates = template.Must(template.New("").ParseFS(templateFiles, "templates/*"))

// NodeFiles are the files of configuration of a node by their name.
func (c Cluster) NodeFiles(number int) (map[string]string, error) {
	values := map[string]any{
		"ContainerdRoot": "/var/lib/containerd",
		"OptDir":         c.Node(number) + "/opt",
		"CNIBin":         c.Binaries["cni"],
		"CNIConf":        c.Node(number) + "/cni",
		"Runc":           c.Binaries.Path("runc", "runc"),
		"Socket":         node.ContainerdSocket,
		"PauseImage":     PauseImage,
		"CgroupRoot":     "/" + c.NodeCgroup(number),
		"CgroupsV1":      c.CgroupsV1,
		"CA":             c.credential("ca.crt"),
		"Certificate":    c.credential(NodeName(number) + ".crt"),
		"Key":            c.credential(NodeName(number) + ".key"),
		"DNS":            subnet.LocalDNS,
		"DNSAddresses":   strings.Join(c.DNSAddresses(number), " "),
		"ResolvConf":     c.NodeFile(number, "resolv.conf"),
		"VolumePlugins":  c.Node(number) + "/volume-plugins",
		"PodRange":       c.Networks.NodePods(number).String(),
		"DNSKubeconfig":  c.ComponentKubeconfig("coredns"),
	}
	files := map[string]string{"resolv.conf": "nameserver " + subnet.LocalDNS + "\n"}
	for _, name := range []string{"containerd.toml", "kubelet.yaml", "Corefile", "10-ptp.conflist"} {
		text, err := execute(name, values)
		if err != nil {
			return nil, err
		}
		files[name] = text
	}
	return files, nil
}

// PauseImage is the image that holds the namespaces of a pod.
const PauseImage = "localhost/pause:1"

// AuditPolicy records who did what, every request with its subresource once it has been answered; bodies are left out.
func AuditPolicy() (string, error) { return execute("audit-policy.yaml", nil) }

// Objects are the Kubernetes objects that a new cluster is given.
func (c Cluster) Objects() (string, error) {
	type endpoint struct{ Address, Node string }
	var endpoints []endpoint
	for number := 1; number <= c.Nodes; number++ {
		endpoints = append(endpoints, endpoint{c.Networks.NodeIP(number).String(), NodeName(number)})
	}
	text, err := execute("objects.yaml", map[string]any{"DNSService": c.Networks.DNSService().String(), "Endpoints": endpoints})
	if err != nil {
		return "", err
	}
	for _, class := range storage.Classes() {
		object, err := yaml.Marshal(class)
		if err != nil {
			return "", fmt.Errorf("rendering StorageClass %s: %w", class.Name, err)
		}
		text += "---\n" + string(object)
	}
	return text, nil
}

func execute(name string, values any) (string, error) {
	var text bytes.Buffer
	if err := templates.ExecuteTemplate(&text, name, values); err != nil {
		return "", fmt.Errorf("rendering %s: %w", name, err)
	}
	return text.String(), nil
}
