package local

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"agenttier.io/test-e2e/cluster/internal/command"
	"agenttier.io/test-e2e/cluster/internal/components"
	"agenttier.io/test-e2e/cluster/internal/node"
)

// Load imports images from OCI or Docker archives into every node, under the full names that the archives carry.
func (c Cluster) Load(ctx context.Context, archives []string) error {
	for _, archive := range archives {
		if _, err := os.Stat(archive); err != nil {
			return fmt.Errorf("image archive: %w", err)
		}
	}
	claim, err := c.Registry.Claim(c.Name)
	if err != nil {
		return err
	}
	machines, err := c.machines(claim)
	if err != nil {
		return err
	}
	group, err := components.Named("containerd")
	if err != nil {
		return err
	}
	binaries, err := c.Cache.Ensure(ctx, []components.Group{group})
	if err != nil {
		return err
	}
	for _, m := range machines {
		for _, archive := range archives {
			started := time.Now()
			if err := m.importImage(ctx, binaries.Path("containerd", "ctr"), nil, archive); err != nil {
				return err
			}
			fmt.Fprintf(c.Out, "loaded %s into %s in %s\n", archive, m.name, time.Since(started).Round(100*time.Millisecond))
		}
	}
	return nil
}

// importImage gives an archive to the node's containerd: a file, or "-" for what in holds.
func (m machine) importImage(ctx context.Context, ctr string, in io.Reader, archive string) error {
	socket, err := m.inside(node.ContainerdSocket)
	if err != nil {
		return err
	}
	_, err = command.Feed(ctx, in, ctr, "--address", socket, "--namespace", "k8s.io", "images", "import", archive)
	return err
}
