package local

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"agenttier.io/test-e2e/cluster/internal/registry"
	"agenttier.io/test-e2e/cluster/internal/supervisor"
)

// Status prints one line a component. ErrNotUp tells that one of them does not work.
func (c Cluster) Status(ctx context.Context) error {
	claim, err := c.Registry.Claim(c.Name)
	if errors.Is(err, registry.ErrUnknown) {
		fmt.Fprintf(c.Out, "cluster %s does not exist; `cluster up` makes it\n", c.Name)
		return ErrNotUp
	}
	if err != nil {
		return err
	}
	machines, err := c.machines(claim)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NODE\tCOMPONENT\tSTATE\tSINCE\tRESTARTS\tPROBLEM")
	allUp := true
	for _, m := range machines {
		statuses, err := m.control.Status(ctx)
		if err != nil {
			allUp = false
			fmt.Fprintf(table, "%s\tsupervisor\t%s\t\t\t%v\n", m.name, supervisor.Dead, err)
			continue
		}
		for _, status := range statuses {
			allUp = allUp && status.State == supervisor.Running
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\n", m.name, status.Name, status.State, age(status.Since), status.Restarts, status.Problem)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if !allUp {
		return ErrNotUp
	}
	return nil
}

func age(since time.Time) string {
	if since.IsZero() {
		return "-"
	}
	return time.Since(since).Round(time.Second).String()
}
