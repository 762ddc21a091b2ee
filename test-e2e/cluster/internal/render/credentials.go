package render

import (
	"net"

	"agenttier.io/test-e2e/cluster/internal/pki"
)

// Administrator is the credential that the user's kubeconfig holds.
const Administrator = "admin"

// Credential is a certificate that the cluster needs.
type Credential struct {
	Name       string // of its files
	Authority  string // "ca" or "front-proxy-ca"
	Subject    pki.Subject
	Kubeconfig bool // it is used through a kubeconfig
}

// Credentials lists all certificates except those of the authorities.
func (c Cluster) Credentials() []Credential {
	server := pki.Subject{
		CommonName: "kube-apiserver",
		Names:      []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost"},
		Addresses:  []net.IP{net.IPv4(127, 0, 0, 1), c.Networks.APIService().AsSlice(), c.Networks.NodeIP(1).AsSlice()},
	}
	all := []Credential{
		{Name: "kube-apiserver", Authority: "ca", Subject: server},
		// What kube-apiserver shows to kubelets: enough for logs and exec, not an administrator.
		{Name: "kubelet-client", Authority: "ca", Subject: pki.Subject{CommonName: "kube-apiserver-kubelet-client", Organization: "local-cluster:kubelet-clients"}},
		{Name: "front-proxy-client", Authority: "front-proxy-ca", Subject: pki.Subject{CommonName: "front-proxy-client"}},
		c.client(Administrator, "kubernetes-admin", "system:masters"),
		c.client("kube-controller-manager", "system:kube-controller-manager", ""),
		c.client("kube-scheduler", "system:kube-scheduler", ""),
		c.client("kube-proxy", "system:kube-proxy", ""),
		c.client("coredns", "local-cluster:dns", ""),
		c.client("netpol", "local-cluster:netpol", ""),
		c.client("storage", "local-cluster:storage", ""),
	}
	for number := 1; number <= c.Nodes; number++ {
		node := c.client(NodeName(number), "system:node:"+NodeName(number), "system:nodes")
		node.Subject.Names = []string{NodeName(number)}
		node.Subject.Addresses = []net.IP{c.Networks.NodeIP(number).AsSlice()}
		all = append(all, node)
	}
	return all
}

func (c Cluster) client(name, user, group string) Credential {
	return Credential{Name: name, Authority: "ca", Kubeconfig: true, Subject: pki.Subject{CommonName: user, Organization: group}}
}
