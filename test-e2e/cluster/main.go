// Command cluster runs a real Kubernetes from processes on this host.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"agenttier.io/test-e2e/cluster/internal/local"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	os.Exit(exitCode(run(ctx, os.Args[1:])))
}

func exitCode(err error) int {
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(os.Stderr, "cluster: %s\nSee `cluster help`.\n", wrong)
		return 2
	case err == local.ErrNotUp:
		return 1 // the command has told more than this error could
	default:
		fmt.Fprintf(os.Stderr, "cluster: %v\n", err)
		return 1
	}
}
