// Package node is the inside of a node: its first process, which gives the node mounts and a name of its own, and the supervisor below it.
//
// The first process is pid 1 of a process namespace. When it ends, for whatever reason, the kernel ends every process of the node, and
// with the last of them the node's mounts are gone. It only reaps; supervising is its child's work, so that waiting for
// one's own children and reaping strangers do not get into each other's way.
package node

import (
	"encoding/json"
	"fmt"
	"os"

	"agenttier.io/test-e2e/cluster/internal/supervisor"
)

// Hidden are the folders of the host that a node covers with its own; what a cluster keeps cannot be there.
var Hidden = []string{"/run", "/var/run", "/var/log", "/var/lib", "/proc"}

// ContainerdSocket is containerd's socket as the node sees it.
const ContainerdSocket = "/run/containerd/containerd.sock"

// Spec is all that the inside of a node needs to know; written as JSON by the one who starts it.
type Spec struct {
	Name       string            `json:"name"`   // also the host name
	Path       string            `json:"path"`   // PATH of the components
	LibDir     string            `json:"libDir"` // on the host, shown at /var/lib
	Components []supervisor.Spec `json:"components"`
}

// Read loads a spec.
func Read(path string) (Spec, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Spec{}, err
	}
	var spec Spec
	if err := json.Unmarshal(data, &spec); err != nil {
		return Spec{}, fmt.Errorf("%s: %w", path, err)
	}
	return spec, nil
}

// Write stores a spec.
func Write(path string, spec Spec) error {
	data, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}
