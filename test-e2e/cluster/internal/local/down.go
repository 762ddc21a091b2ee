package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"agenttier.io/test-e2e/cluster/internal/cgroups"
	"agenttier.io/test-e2e/cluster/internal/network"
	"agenttier.io/test-e2e/cluster/internal/registry"
	"agenttier.io/test-e2e/cluster/internal/render"
	"agenttier.io/test-e2e/cluster/internal/subnet"
	"agenttier.io/test-e2e/cluster/internal/sysctl"
)

// Down removes everything of the cluster: processes, networks, cgroups, kernel settings and its folder. A cluster that does not exist is no error.
func (c Cluster) Down(ctx context.Context) error {
	release, err := c.Registry.LockCluster(c.Name)
	if err != nil {
		return err
	}
	defer release()
	return errors.Join(c.remove(ctx), c.Registry.Clear(c.Name))
}

func (c Cluster) remove(ctx context.Context) error {
	claim, err := c.Registry.Claim(c.Name)
	if errors.Is(err, registry.ErrUnknown) {
		return c.downUnclaimed()
	}
	if err != nil {
		return err
	}
	// Every node that could be: a run that was killed may have started one that the claim does not count.
	claim.Nodes = subnet.MaxNodes
	machines, err := c.machines(claim)
	if err != nil {
		return err
	}
	hierarchies, err := cgroups.Hierarchies()
	if err != nil {
		return err
	}
	layout := render.Cluster{Name: c.Name}
	for _, m := range machines {
		if err := m.clear(ctx, hierarchies, layout.NodeCgroup(m.number)); err != nil {
			return fmt.Errorf("removing %s: %w", m.name, err)
		}
	}
	if err := network.RemoveHost(ctx, machines[0].plan); err != nil {
		return err
	}
	if err := cgroups.Remove(hierarchies, layout.Cgroup(), time.Now().Add(cgroupTimeout)); err != nil {
		return err
	}
	if err := removeDir(claim.Dir); err != nil {
		return err
	}
	if err := c.forget(machines); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "cluster %s is down\n", c.Name)
	return nil
}

// downUnclaimed removes the folder of a cluster that ended with an earlier boot of the host.
func (c Cluster) downUnclaimed() error {
	held, err := readMarker(c.Dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && held.Name != c.Name {
		fmt.Fprintf(c.Out, "cluster %s does not exist\n", c.Name)
		return nil
	}
	if err != nil {
		return err
	}
	if err := removeDir(c.Dir); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "cluster %s did not run; its folder %s is removed\n", c.Name, c.Dir)
	return nil
}

func (c Cluster) forget(machines []machine) error {
	release, err := c.Registry.LockSlots()
	if err != nil {
		return err
	}
	defer release()
	var nodes []string
	for _, m := range machines {
		nodes = append(nodes, m.name)
	}
	if err := c.Registry.Drop(c.Name, nodes...); err != nil {
		return err
	}
	others, err := c.Registry.Claims()
	if err != nil || len(others) > 0 {
		return err
	}
	return sysctl.Restore("/proc/sys", c.sysctlFile())
}

// removeDir removes a folder, unless something is mounted below it on the host: what is behind that mount is not the cluster's.
func removeDir(dir string) error {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(mounts)) {
		fields := strings.Fields(line)
		if len(fields) > 4 && strings.HasPrefix(fields[4], dir+"/") {
			return fmt.Errorf("%s is mounted below the folder of the cluster: unmount it first", fields[4])
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("removing the folder of the cluster: %w", err)
	}
	return nil
}
