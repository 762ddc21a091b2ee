package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"k8s.io/client-go/tools/clientcmd"

	"agenttier.io/test-e2e/cluster/internal/components"
	"agenttier.io/test-e2e/cluster/internal/netpol"
	"agenttier.io/test-e2e/cluster/internal/node"
	"agenttier.io/test-e2e/cluster/internal/storage"
)

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usageError("a command is missing")
	}
	switch args[0] {
	case "help", "-h", "--help":
		fmt.Print(usage)
		return nil
	case "node", "supervise", "netpol", "storage":
		return runInside(ctx, args[0], args[1:])
	}
	parsed, err := parse(args[0], args[1:])
	if errors.Is(err, flag.ErrHelp) {
		fmt.Print(usage)
		return nil
	}
	if err != nil {
		return err
	}
	cluster, err := parsed.cluster()
	if err != nil {
		return err
	}
	switch args[0] {
	case "up":
		return cluster.Up(ctx, parsed.nodes)
	case "down":
		return cluster.Down(ctx)
	case "status":
		return cluster.Status(ctx)
	case "load":
		return cluster.Load(ctx, parsed.operands)
	case "restart":
		return cluster.Restart(ctx, parsed.node, parsed.operands[0])
	case "kubeconfig":
		path, err := cluster.Kubeconfig()
		if err == nil {
			fmt.Println(path)
		}
		return err
	default:
		return buildComponents(ctx, cluster.Cache, parsed.group)
	}
}

func buildComponents(ctx context.Context, cache components.Cache, name string) error {
	groups := components.ForCluster()
	if name != "" {
		group, err := components.Named(name)
		if err != nil {
			return usageError(err.Error())
		}
		groups = []components.Group{group}
	}
	binaries, err := cache.Ensure(ctx, groups)
	if err != nil {
		return err
	}
	for _, group := range groups {
		fmt.Println(binaries[group.Name])
	}
	return nil
}

// runInside serves the commands that a cluster starts itself, inside a node.
func runInside(ctx context.Context, command string, args []string) error {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(os.Stderr)
	spec := flags.String("spec", "", "")
	kubeconfig := flags.String("kubeconfig", "", "")
	nodeName := flags.String("node", "", "")
	localDir := flags.String("local", "", "")
	sharedDir := flags.String("shared", "", "")
	first := flags.Bool("first", false, "")
	if err := flags.Parse(args); err != nil {
		return usageError(err.Error())
	}
	switch command {
	case "node":
		return node.Init(*spec, []string{"cluster", "supervise", "--spec", *spec})
	case "supervise":
		return node.Supervise(*spec)
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return fmt.Errorf("reading kubeconfig %q: %w", *kubeconfig, err)
	}
	if command == "netpol" {
		return netpol.Run(ctx, config, *nodeName)
	}
	return storage.Run(ctx, config, *nodeName, *localDir, *sharedDir, *first)
}
