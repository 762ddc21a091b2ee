package render

import (
	"strconv"
	"strings"

	"agenttier.io/test-e2e/cluster/internal/node"
	"agenttier.io/test-e2e/cluster/internal/subnet"
	"agenttier.io/test-e2e/cluster/internal/supervisor"
)

// NodeSpec is all that runs on node number 1, 2, …; the first carries the control plane as well.
func (c Cluster) NodeSpec(number int) node.Spec {
	var specs []supervisor.Spec
	var after []string
	if number == 1 {
		specs = c.controlPlane()
		after = []string{"kube-apiserver"}
	}
	return node.Spec{
		Name:       NodeName(number),
		Path:       c.searchPath(),
		LibDir:     c.Node(number) + "/lib",
		Components: append(specs, c.nodeComponents(number, after)...),
	}
}

// searchPath lets containerd find its shim and the tools find ctr and kubectl; nft, iptables and mount are the host's.
func (c Cluster) searchPath() string {
	folders := []string{c.Binaries["containerd"], c.Binaries["kubernetes"], c.Binaries["runc"]}
	return strings.Join(append(folders, "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"), ":")
}

func (c Cluster) nodeComponents(number int, afterAPI []string) []supervisor.Spec {
	name := NodeName(number)
	log := func(component string) string { return c.Log(name + "-" + component) }
	address := c.Networks.NodeIP(number).String()
	return []supervisor.Spec{
		{
			Name: "containerd", Log: log("containerd"),
			Argv:  []string{c.Binaries.Path("containerd", "containerd"), "--config", c.NodeFile(number, "containerd.toml")},
			Probe: supervisor.Probe{Socket: node.ContainerdSocket},
		},
		{
			Name: "kubelet", Log: log("kubelet"), After: append([]string{"containerd"}, afterAPI...),
			Argv: []string{c.Binaries.Path("kubernetes", "kubelet"), "--config=" + c.NodeFile(number, "kubelet.yaml"), "--kubeconfig=" + c.ComponentKubeconfig(name),
				"--hostname-override=" + name, "--node-ip=" + address, "--v=2"},
			Probe: supervisor.Probe{URL: "http://127.0.0.1:10248/healthz"},
		},
		{
			Name: "kube-proxy", Log: log("kube-proxy"), After: afterAPI,
			// conntrack's limits belong to the host: 0 leaves them alone.
			Argv: []string{c.Binaries.Path("kubernetes", "kube-proxy"), "--kubeconfig=" + c.ComponentKubeconfig("kube-proxy"), "--proxy-mode=nftables",
				"--cluster-cidr=" + c.Networks.Pods().String(), "--hostname-override=" + name, "--conntrack-max-per-core=0",
				"--conntrack-tcp-timeout-established=0", "--conntrack-tcp-timeout-close-wait=0",
				"--healthz-bind-address=127.0.0.1:10256", "--metrics-bind-address=127.0.0.1:10249"},
			// Its own health answer comes before its first rules: what counts is that a Service is reached.
			Probe: supervisor.Probe{URL: "https://" + c.Networks.APIService().String() + "/readyz"},
		},
		{
			Name: "coredns", Log: log("coredns"), After: afterAPI,
			Argv:  []string{c.Binaries.Path("coredns", "coredns"), "-conf", c.NodeFile(number, "Corefile")},
			Probe: supervisor.Probe{URL: "http://127.0.0.1:8181/ready"},
		},
		{
			Name: "netpol", Log: log("netpol"), After: afterAPI,
			Argv: []string{c.Tool, "netpol", "--kubeconfig", c.ComponentKubeconfig("netpol"), "--node", name},
		},
		{
			Name: "storage", Log: log("storage"), After: afterAPI,
			Argv: []string{c.Tool, "storage", "--kubeconfig", c.ComponentKubeconfig("storage"), "--node", name,
				"--local", c.LocalVolumes(number), "--shared", c.SharedVolumes(), "--first=" + strconv.FormatBool(number == 1)},
		},
	}
}

// DNSAddresses are what CoreDNS of a node listens on: the address that pods are given, and one that may stand in an EndpointSlice.
func (c Cluster) DNSAddresses(number int) []string {
	return []string{subnet.LocalDNS, c.Networks.NodeIP(number).String()}
}
