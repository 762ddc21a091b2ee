// Package render turns the choice of a cluster (name, folder, networks, binaries) into what its programs read: files, arguments and
// Kubernetes objects. It decides everything and touches nothing.
package render

import (
	"fmt"
	"path/filepath"

	"agenttier.io/test-e2e/cluster/internal/components"
	"agenttier.io/test-e2e/cluster/internal/subnet"
)

// Cluster is what everything else follows from.
type Cluster struct {
	Name      string
	Dir       string // absolute; holds all that the cluster writes
	Nodes     int
	Networks  subnet.Plan
	Binaries  components.Binaries
	Tool      string // this program, absolute; it serves as network-policy enforcer and volume provisioner
	CgroupsV1 bool
}

// NodeName is the name of node number 1, 2, ….
func NodeName(number int) string { return fmt.Sprintf("node%d", number) }

// Kubeconfig is the administrator's kubeconfig.
func (c Cluster) Kubeconfig() string { return filepath.Join(c.Dir, "kubeconfig") }

// AuditLog is written by kube-apiserver, one JSON event a line.
func (c Cluster) AuditLog() string { return filepath.Join(c.Dir, "audit.log") }

// Server is the URL of kube-apiserver, reached from the host, the nodes and the pods alike.
func (c Cluster) Server() string { return "https://" + c.Networks.NodeIP(1).String() + ":6443" }

// PKI is the folder of certificates and keys.
func (c Cluster) PKI() string { return filepath.Join(c.Dir, "pki") }

// Log is the log of a component. Those that every node has carry its name.
func (c Cluster) Log(name string) string { return filepath.Join(c.Dir, "log", name+".log") }

// Node is the folder of node number 1, 2, ….
func (c Cluster) Node(number int) string { return filepath.Join(c.Dir, NodeName(number)) }

// NodeFile is a file of configuration in the folder of a node.
func (c Cluster) NodeFile(number int, name string) string {
	return filepath.Join(c.Node(number), "conf", name)
}

// SharedVolumes is the folder behind the StorageClass shared: all nodes see the same.
func (c Cluster) SharedVolumes() string { return filepath.Join(c.Dir, "shared") }

// LocalVolumes is the folder behind the StorageClass local on a node.
func (c Cluster) LocalVolumes(number int) string { return filepath.Join(c.Node(number), "volumes") }

// Cgroup is the group that holds the cluster's containers in every hierarchy.
func (c Cluster) Cgroup() string { return "agenttier-" + c.Name }

// NodeCgroup is the part of Cgroup that belongs to a node.
func (c Cluster) NodeCgroup(number int) string { return c.Cgroup() + "/" + NodeName(number) }

func (c Cluster) credential(name string) string { return filepath.Join(c.PKI(), name) }

// ComponentKubeconfig is the kubeconfig of a component, by the name of its certificate.
func (c Cluster) ComponentKubeconfig(name string) string { return c.credential(name + ".kubeconfig") }
