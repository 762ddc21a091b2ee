package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"agenttier.io/test-e2e/cluster/internal/cgroups"
	"agenttier.io/test-e2e/cluster/internal/components"
	"agenttier.io/test-e2e/cluster/internal/hosttools"
	"agenttier.io/test-e2e/cluster/internal/network"
	"agenttier.io/test-e2e/cluster/internal/registry"
	"agenttier.io/test-e2e/cluster/internal/render"
	"agenttier.io/test-e2e/cluster/internal/subnet"
	"agenttier.io/test-e2e/cluster/internal/sysctl"
)

const cgroupTimeout = 10 * time.Second

// Up brings the cluster up with at least that many nodes, or finds that it is up. What a killed run left is cleaned first;
// a node that ended starts again with its data, as after a reboot.
func (c Cluster) Up(ctx context.Context, nodes int) error {
	started := time.Now()
	if err := hosttools.Ensure(ctx, c.Out); err != nil {
		return err
	}
	binaries, err := c.Cache.Ensure(ctx, components.ForCluster())
	if err != nil {
		return err
	}
	release, err := c.Registry.LockCluster(c.Name)
	if err != nil {
		return err
	}
	defer release()
	claim, err := c.claim(ctx, nodes)
	if err != nil {
		return err
	}
	machines, err := c.machines(claim)
	if err != nil {
		return err
	}
	starting := time.Now()
	running, err := c.ensureMachines(ctx, claim, machines, binaries)
	if err != nil {
		return err
	}
	if err := running.await(ctx); err != nil {
		return err
	}
	if !running.unfinished {
		fmt.Fprintf(c.Out, "cluster %s is up already: %d node(s), KUBECONFIG=%s\n", c.Name, len(machines), running.layout.Kubeconfig())
		return nil
	}
	if err := os.WriteFile(filepath.Join(claim.Dir, complete), nil, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "cluster %s is up: %d node(s), started in %s, %s in all\nexport KUBECONFIG=%s\n", c.Name, len(machines),
		time.Since(starting).Round(100*time.Millisecond), time.Since(started).Round(100*time.Millisecond), running.layout.Kubeconfig())
	return nil
}

// claim returns the cluster's claim, a new one when there is none. A folder that a cluster of an earlier boot left is emptied.
func (c Cluster) claim(ctx context.Context, nodes int) (registry.Claim, error) {
	release, err := c.Registry.LockSlots()
	if err != nil {
		return registry.Claim{}, err
	}
	defer release()
	claim, err := c.Registry.Claim(c.Name)
	if err == nil {
		if nodes > claim.Nodes {
			claim.Nodes = nodes
		}
		if err := os.MkdirAll(claim.Dir, 0o755); err != nil {
			return registry.Claim{}, err
		}
		return claim, errors.Join(c.Registry.Put(claim), writeMarker(claim))
	}
	if !errors.Is(err, registry.ErrUnknown) {
		return registry.Claim{}, err
	}
	if err := emptyDir(c.Dir); err != nil {
		return registry.Claim{}, err
	}
	plan, err := c.freeSlot(ctx)
	if err != nil {
		return registry.Claim{}, err
	}
	if err := sysctl.Save("/proc/sys", c.sysctlFile()); err != nil {
		return registry.Claim{}, fmt.Errorf("saving kernel settings: %w", err)
	}
	claim = registry.Claim{Name: c.Name, Dir: c.Dir, Slot: plan.Slot(), Nodes: nodes}
	return claim, errors.Join(c.Registry.Put(claim), writeMarker(claim))
}

func (c Cluster) sysctlFile() string { return filepath.Join(c.Registry.Root, "sysctl.saved") }

func (c Cluster) freeSlot(ctx context.Context) (subnet.Plan, error) {
	claims, err := c.Registry.Claims()
	if err != nil {
		return subnet.Plan{}, err
	}
	taken := map[int]bool{}
	for _, claim := range claims {
		taken[claim.Slot] = true
	}
	routes, err := network.HostRoutes(ctx)
	if err != nil {
		return subnet.Plan{}, err
	}
	return subnet.Free(taken, routes)
}

// emptyDir makes an empty folder. One with content is emptied only if it carries the marker of a cluster.
func emptyDir(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return err
	}
	if _, err := readMarker(dir); err != nil {
		return fmt.Errorf("folder %s is neither empty nor that of a cluster (%w): choose another --dir", dir, err)
	}
	if err := removeDir(dir); err != nil {
		return err
	}
	return os.MkdirAll(dir, 0o755)
}

// ensureMachines starts the nodes that do not run.
func (c Cluster) ensureMachines(ctx context.Context, claim registry.Claim, machines []machine, binaries components.Binaries) (*bringUp, error) {
	hierarchies, err := cgroups.Hierarchies()
	if err != nil {
		return nil, err
	}
	layout := render.Cluster{
		Name: c.Name, Dir: claim.Dir, Nodes: claim.Nodes, Networks: machines[0].plan, Binaries: binaries,
		Tool: filepath.Join(claim.Dir, "bin", "cluster"), CgroupsV1: cgroups.VersionOne(hierarchies),
	}
	running := &bringUp{out: c.Out, layout: layout, machines: machines, since: time.Now(), ended: map[string]<-chan error{}}
	for _, m := range machines {
		if !m.intact(ctx) {
			running.started = append(running.started, m)
		}
	}
	if len(running.started) == 0 {
		_, err := os.Stat(filepath.Join(layout.Dir, complete))
		running.unfinished = errors.Is(err, fs.ErrNotExist)
		return running, nil
	}
	running.unfinished = true
	if err := os.Remove(filepath.Join(layout.Dir, complete)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if _, err := os.Stat(layout.PKI()); err != nil {
		// New authorities will be made: a node that trusts the old ones is of no use.
		running.started = machines
	}
	if err := writeFiles(layout, time.Now()); err != nil {
		return nil, err
	}
	if err := copyTool(layout.Tool); err != nil {
		return nil, err
	}
	if !network.BridgeExists(layout.Networks) {
		if err := network.Run(ctx, network.HostPlan(layout.Networks)); err != nil {
			return nil, err
		}
	}
	for _, m := range running.started {
		if err := m.clear(ctx, hierarchies, layout.NodeCgroup(m.number)); err != nil {
			return nil, fmt.Errorf("cleaning what %s left: %w", m.name, err)
		}
		if err := network.Run(ctx, network.NodePlan(layout.Networks, m.namespace, m.number)); err != nil {
			return nil, err
		}
		if err := cgroups.Create(hierarchies, layout.NodeCgroup(m.number)); err != nil {
			return nil, err
		}
		if err := m.writeSpec(layout.NodeSpec(m.number)); err != nil {
			return nil, err
		}
		if running.ended[m.name], err = m.launch(c.Registry, layout.Tool, layout.Log(m.name+"-supervisor")); err != nil {
			return nil, err
		}
	}
	return running, nil
}

// clear removes what runs of the node and its namespaces, links and cgroups; its data stay.
func (m machine) clear(ctx context.Context, hierarchies []cgroups.Hierarchy, cgroup string) error {
	if err := m.kill(ctx); err != nil {
		return err
	}
	if err := network.RemoveNode(ctx, m.plan, m.namespace, m.number); err != nil {
		return err
	}
	return cgroups.Remove(hierarchies, cgroup, time.Now().Add(cgroupTimeout))
}
