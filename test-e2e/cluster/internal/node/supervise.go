package node

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"

	"agenttier.io/test-e2e/cluster/internal/supervisor"
)

// controlFile is the descriptor of the listening control socket, opened by `cluster up` and handed down.
const controlFile = 3

// Supervise runs the components of a node until a signal asks it to end.
func Supervise(specPath string) error {
	spec, err := Read(specPath)
	if err != nil {
		return err
	}
	listener, err := net.FileListener(os.NewFile(controlFile, "control"))
	if err != nil {
		return fmt.Errorf("opening the control socket: %w", err)
	}
	unix.CloseOnExec(controlFile)
	components, err := supervisor.New(spec.Components, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGINT)
	defer cancel()
	served := make(chan error, 1)
	go func() {
		served <- components.Serve(ctx, listener)
		cancel()
	}()
	components.Run(ctx)
	return <-served
}
