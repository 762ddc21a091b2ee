// Package components builds the real programs a cluster is made of, once for each version, into a cache outside the repository.
//
// A group is one Go module in test-e2e/cluster/components: its go.mod pins the version, its go.sum verifies it. The name of the cache folder
// holds a hash of everything that decides what comes out, so a folder that exists is complete and never changes.
package components

import "fmt"

// Binary is one program of a group.
type Binary struct{ Name, Package string }

// Group is a module whose programs are built together.
type Group struct {
	Name     string
	Binaries []Binary
	Tags     string
	LDFlags  string
	CGO      bool // links a C library statically
	OnDemand bool // not part of a cluster
	DiskMB   int  // space a cold build takes: sources, build cache and result
}

const stripped = "-s -w"

const kubernetesVersion = "-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3" +
	" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36"

// Groups are all groups, those of a cluster first.
var Groups = []Group{
	{Name: "pause", LDFlags: stripped, DiskMB: 50, Binaries: []Binary{{"pause", "."}}},
	{Name: "runc", LDFlags: "-s -w -linkmode external -extldflags -static", Tags: "seccomp netgo osusergo", CGO: true, DiskMB: 150,
		Binaries: []Binary{{"runc", "github.com/opencontainers/runc"}}},
	{Name: "cni", LDFlags: stripped, DiskMB: 100, Binaries: []Binary{
		{"ptp", "github.com/containernetworking/plugins/plugins/main/ptp"},
		{"loopback", "github.com/containernetworking/plugins/plugins/main/loopback"},
		{"host-local", "github.com/containernetworking/plugins/plugins/ipam/host-local"},
		{"portmap", "github.com/containernetworking/plugins/plugins/meta/portmap"}}},
	{Name: "etcd", LDFlags: stripped, DiskMB: 400, Binaries: []Binary{{"etcd", "go.etcd.io/etcd/server/v3"}}},
	{Name: "containerd", LDFlags: stripped, Tags: "no_btrfs no_devmapper no_zfs", DiskMB: 500, Binaries: []Binary{
		{"containerd", "github.com/containerd/containerd/v2/cmd/containerd"},
		{"containerd-shim-runc-v2", "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2"},
		{"ctr", "github.com/containerd/containerd/v2/cmd/ctr"}}},
	{Name: "kubernetes", LDFlags: kubernetesVersion, DiskMB: 2200, Binaries: []Binary{
		{"kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"},
		{"kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"},
		{"kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"},
		{"kubelet", "k8s.io/kubernetes/cmd/kubelet"},
		{"kube-proxy", "k8s.io/kubernetes/cmd/kube-proxy"},
		{"kubectl", "k8s.io/kubernetes/cmd/kubectl"}}},
	{Name: "coredns", LDFlags: stripped, DiskMB: 1000, Binaries: []Binary{{"coredns", "github.com/coredns/coredns"}}},
	{Name: "helm", LDFlags: stripped, DiskMB: 600, Binaries: []Binary{{"helm", "helm.sh/helm/v3/cmd/helm"}}},
	{Name: "argocd", LDFlags: stripped, DiskMB: 2500, OnDemand: true, Binaries: []Binary{{"argocd", "github.com/argoproj/argo-cd/v3/cmd"}}},
	{Name: "kind", LDFlags: stripped, DiskMB: 300, OnDemand: true, Binaries: []Binary{{"kind", "sigs.k8s.io/kind"}}},
}

// ForCluster returns the groups that every cluster needs.
func ForCluster() []Group {
	var needed []Group
	for _, group := range Groups {
		if !group.OnDemand {
			needed = append(needed, group)
		}
	}
	return needed
}

// Named returns one group.
func Named(name string) (Group, error) {
	var known []string
	for _, group := range Groups {
		if group.Name == name {
			return group, nil
		}
		known = append(known, group.Name)
	}
	return Group{}, fmt.Errorf("no component group %q: expected one of %v", name, known)
}
