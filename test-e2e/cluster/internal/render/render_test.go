package render

import (
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"agenttier.io/test-e2e/cluster/internal/components"
	"agenttier.io/test-e2e/cluster/internal/subnet"
	"agenttier.io/test-e2e/cluster/internal/supervisor"
)

func sample(t *testing.T, nodes int) Cluster {
	t.Helper()
	plan, err := subnet.ForSlot(2)
	if err != nil {
		t.Fatal(err)
	}
	binaries := components.Binaries{}
	for _, group := range components.ForCluster() {
		binaries[group.Name] = "/cache/" + group.Name
	}
	return Cluster{Name: "demo", Dir: "/repo/build/cluster", Nodes: nodes, Networks: plan, Binaries: binaries, Tool: "/repo/build/cluster/bin/cluster", CgroupsV1: true}
}

func TestEveryNodeCanBeSupervised(t *testing.T) {
	c := sample(t, 2)
	for number := 1; number <= 2; number++ {
		spec := c.NodeSpec(number)
		if _, err := supervisor.New(spec.Components, slog.Default()); err != nil {
			t.Errorf("%s: %v", spec.Name, err)
		}
		logs := map[string]bool{}
		for _, component := range spec.Components {
			if !strings.HasPrefix(component.Argv[0], "/") || logs[component.Log] {
				t.Errorf("%s: program %q, log %q", component.Name, component.Argv[0], component.Log)
			}
			logs[component.Log] = true
		}
	}
	second := c.NodeSpec(2).Components
	if slices.ContainsFunc(second, func(s supervisor.Spec) bool { return strings.HasPrefix(s.Name, "kube-apiserver") || s.Name == "etcd" }) {
		t.Error("the second node has a control plane")
	}
}

func TestProgramsAreThoseOfTheGroups(t *testing.T) {
	known := map[string]bool{sample(t, 1).Tool: true}
	for _, group := range components.ForCluster() {
		for _, binary := range group.Binaries {
			known["/cache/"+group.Name+"/"+binary.Name] = true
		}
	}
	for _, component := range sample(t, 1).NodeSpec(1).Components {
		if !known[component.Argv[0]] {
			t.Errorf("%s runs %s, which no group builds", component.Name, component.Argv[0])
		}
	}
}

func TestFilesCanBeReadByThoseTheyAreFor(t *testing.T) {
	files, err := sample(t, 1).NodeFiles(1)
	if err != nil {
		t.Fatal(err)
	}
	var kubelet map[string]any
	if err := yaml.UnmarshalStrict([]byte(files["kubelet.yaml"]), &kubelet); err != nil {
		t.Fatal(err)
	}
	if kubelet["cgroupRoot"] != "/agenttier-demo/node1" || kubelet["failCgroupV1"] != false {
		t.Errorf("kubelet: %v", kubelet)
	}
	var cni struct {
		Plugins []struct {
			IPAM struct{ Subnet string }
		}
	}
	if err := json.Unmarshal([]byte(files["10-ptp.conflist"]), &cni); err != nil || cni.Plugins[0].IPAM.Subnet != "10.130.0.0/22" {
		t.Errorf("CNI: %+v, %v", cni, err)
	}
	for file, want := range map[string]string{
		"containerd.toml": `bin_dirs = ["/cache/cni"]`,
		"Corefile":        "bind 169.254.20.10 172.30.2.2\n",
		"resolv.conf":     "nameserver 169.254.20.10\n",
	} {
		if !strings.Contains(files[file], want) {
			t.Errorf("%s lacks %q:\n%s", file, want, files[file])
		}
	}
	for name, text := range files {
		if strings.Contains(text, "<no value>") {
			t.Errorf("%s has a hole:\n%s", name, text)
		}
	}
}

func TestDNSServiceIsAnsweredByAllNodes(t *testing.T) {
	objects := decodeObjects(t, sample(t, 2))
	var service corev1.Service
	var slice discoveryv1.EndpointSlice
	find(t, objects, "Service", &service)
	find(t, objects, "EndpointSlice", &slice)
	if service.Spec.ClusterIP != "10.194.0.10" || len(service.Spec.Selector) != 0 {
		t.Errorf("service %+v", service.Spec)
	}
	var addresses []string
	for _, endpoint := range slice.Endpoints {
		addresses = append(addresses, endpoint.Addresses...)
	}
	if !slices.Equal(addresses, []string{"172.30.2.2", "172.30.2.3"}) || slice.Labels[discoveryv1.LabelServiceName] != service.Name {
		t.Errorf("endpoints %v, labels %v", addresses, slice.Labels)
	}
}

func TestOneStorageClassIsTheDefault(t *testing.T) {
	defaults := 0
	for _, object := range decodeObjects(t, sample(t, 1)) {
		if strings.Contains(string(object), `"storageclass.kubernetes.io/is-default-class":"true"`) {
			defaults++
		}
	}
	if defaults != 1 {
		t.Errorf("%d default StorageClasses", defaults)
	}
}

func TestNobodyButTheAdministratorIsInSystemMasters(t *testing.T) {
	for _, credential := range sample(t, 2).Credentials() {
		if credential.Subject.Organization == "system:masters" && credential.Name != Administrator {
			t.Errorf("%s is an administrator", credential.Name)
		}
	}
}

func TestServerCertificateCoversEveryWayToIt(t *testing.T) {
	server := sample(t, 1).Credentials()[0].Subject
	for _, address := range []string{"127.0.0.1", "10.194.0.1", "172.30.2.2"} {
		if !slices.ContainsFunc(server.Addresses, func(ip net.IP) bool { return ip.String() == address }) {
			t.Errorf("%s is missing in %v", address, server.Addresses)
		}
	}
	if !slices.Contains(server.Names, "kubernetes.default.svc") {
		t.Errorf("names %v", server.Names)
	}
}

func decodeObjects(t *testing.T, c Cluster) [][]byte {
	t.Helper()
	text, err := c.Objects()
	if err != nil {
		t.Fatal(err)
	}
	var objects [][]byte
	decoder := utilyaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		var object json.RawMessage
		err := decoder.Decode(&object)
		if err == io.EOF {
			return objects
		}
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, object)
	}
}

func find(t *testing.T, objects [][]byte, kind string, into any) {
	t.Helper()
	for _, object := range objects {
		if strings.Contains(string(object), `"kind":"`+kind+`"`) {
			if err := yaml.UnmarshalStrict(object, into); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("no %s", kind)
}
