package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"agenttier.io/test-e2e/cluster/internal/supervisor"
)

const restartTimeout = time.Minute

// Restart starts a component of a node anew and returns when the cluster works again with it. What depends on the component is waited for
// too: after kube-apiserver the Service that leads to it comes back a moment later.
func (c Cluster) Restart(ctx context.Context, nodeName, component string) error {
	claim, err := c.Registry.Claim(c.Name)
	if err != nil {
		return err
	}
	machines, err := c.machines(claim)
	if err != nil {
		return err
	}
	chosen := slices.IndexFunc(machines, func(m machine) bool { return m.name == nodeName })
	if chosen < 0 {
		return fmt.Errorf("cluster %s has no node %q: expected node1 to node%d", c.Name, nodeName, claim.Nodes)
	}
	ctx, cancel := context.WithTimeout(ctx, restartTimeout)
	defer cancel()
	asked := time.Now()
	if err := machines[chosen].control.Restart(ctx, component); err != nil {
		return err
	}
	for {
		problem := machines[chosen].check(ctx, func(status supervisor.Status) error {
			if status.Name == component && !status.Since.After(asked) {
				return fmt.Errorf("%s has not ended yet", component)
			}
			return working(status)
		})
		for _, m := range machines {
			problem = errors.Join(problem, m.healthy(ctx))
		}
		if problem == nil {
			return nil
		}
		select {
		case <-time.After(pollInterval):
		case <-ctx.Done():
			return fmt.Errorf("cluster %s does not work %s after the restart of %s: %w", c.Name, restartTimeout, component, problem)
		}
	}
}
