// Package local brings a cluster up, tells how it is and takes it down again without leaving anything.
package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"agenttier.io/test-e2e/cluster/internal/components"
	"agenttier.io/test-e2e/cluster/internal/network"
	"agenttier.io/test-e2e/cluster/internal/node"
	"agenttier.io/test-e2e/cluster/internal/registry"
	"agenttier.io/test-e2e/cluster/internal/render"
	"agenttier.io/test-e2e/cluster/internal/subnet"
	"agenttier.io/test-e2e/cluster/internal/supervisor"
)

// ErrNotUp says that something of the cluster does not work; details have been printed.
var ErrNotUp = errors.New("the cluster is not up")

// marker is the file that shows that a folder belongs to a cluster, and may be removed with it.
const marker = "cluster.json"

// complete is the file that shows that a run of up came to its end. Until then the next one repeats every step.
const complete = "complete"

// Folders become part of files that split at spaces or know quotes of their own.
var plainPath = regexp.MustCompile(`^/[A-Za-z0-9/._+@-]+$`)

// Cluster is one cluster of this host, there or not.
type Cluster struct {
	Name     string
	Dir      string // absolute
	Registry registry.Registry
	Cache    components.Cache
	Out      io.Writer // what the user is told
}

// Find settles which cluster is meant. dir is where a new one would be; chosenDir tells that the user named it.
// A cluster that exists is found by its name wherever it is, and a folder that holds one by its marker, when the name was not given.
func Find(r registry.Registry, name string, chosenName bool, dir string, chosenDir bool) (string, string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	if !plainPath.MatchString(dir) {
		return "", "", fmt.Errorf("folder %q: expected an absolute path of letters, digits and the characters / . _ + @ -", dir)
	}
	for _, hidden := range node.Hidden {
		if strings.HasPrefix(dir+"/", hidden+"/") {
			return "", "", fmt.Errorf("folder %s: nodes have a %s of their own, so a cluster cannot be kept there: choose another --dir", dir, hidden)
		}
	}
	if chosenDir && !chosenName {
		held, err := readMarker(dir)
		if err == nil {
			name = held.Name
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", "", err
		}
	}
	if err := registry.CheckName(name); err != nil {
		return "", "", err
	}
	claim, err := r.Claim(name)
	if errors.Is(err, registry.ErrUnknown) {
		return name, dir, nil
	}
	if err != nil {
		return "", "", err
	}
	if chosenDir && claim.Dir != dir {
		return "", "", fmt.Errorf("cluster %q is in %s, not in %s: leave --dir away, or choose another --name", name, claim.Dir, dir)
	}
	return name, claim.Dir, nil
}

func readMarker(dir string) (registry.Claim, error) {
	data, err := os.ReadFile(filepath.Join(dir, marker))
	if err != nil {
		return registry.Claim{}, err
	}
	var claim registry.Claim
	if err := json.Unmarshal(data, &claim); err != nil {
		return registry.Claim{}, fmt.Errorf("%s: %w", filepath.Join(dir, marker), err)
	}
	return claim, nil
}

func writeMarker(claim registry.Claim) error {
	data, err := json.Marshal(claim)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(claim.Dir, marker), append(data, '\n'), 0o644)
}

// Kubeconfig returns the path of the administrator's kubeconfig.
func (c Cluster) Kubeconfig() (string, error) {
	path := render.Cluster{Dir: c.Dir}.Kubeconfig()
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("cluster %q has no kubeconfig (%w): run `cluster up` first", c.Name, err)
	}
	return path, nil
}

// machine is one node seen from the host.
type machine struct {
	cluster   string
	number    int
	name      string
	dir       string
	plan      subnet.Plan
	namespace string
	control   supervisor.Control
}

func (c Cluster) machines(claim registry.Claim) ([]machine, error) {
	plan, err := subnet.ForSlot(claim.Slot)
	if err != nil {
		return nil, err
	}
	var machines []machine
	for number := 1; number <= claim.Nodes; number++ {
		name := render.NodeName(number)
		machines = append(machines, machine{
			cluster: c.Name, number: number, name: name, dir: filepath.Join(claim.Dir, name), plan: plan,
			namespace: network.Namespace(c.Name, name), control: supervisor.Control{Socket: c.Registry.Socket(c.Name, name)},
		})
	}
	return machines, nil
}

// intact tells whether the node runs and nobody has taken a part of it away: its supervisor, its links and its files are there.
func (m machine) intact(ctx context.Context) bool {
	if _, running := m.first(); !running {
		return false
	}
	// A first process that was killed is seen until the last of the node has ended, and nobody listens any more. A supervisor that does
	// not answer in time is busy, not gone.
	_, err := m.control.Status(ctx)
	if errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) {
		return false
	}
	parts := []string{m.specFile(), network.NamespacePath(m.cluster, m.name), network.LinkPath(m.plan.Link(m.number)), network.LinkPath(m.plan.Bridge())}
	return !slices.ContainsFunc(parts, func(path string) bool {
		_, err := os.Lstat(path)
		return err != nil
	})
}
