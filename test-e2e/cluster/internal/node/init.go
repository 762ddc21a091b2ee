package node

import (
	"errors"
	"fmt"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// Init is the first process of a node. It takes the control socket as file descriptor 3, hands it on to the supervisor
// (this program, called with argv) and ends with it.
func Init(specPath string, argv []string) error {
	if os.Getpid() != 1 {
		return errors.New("the first process of a node must be pid 1 of a process namespace: it is started by `cluster up`")
	}
	spec, err := Read(specPath)
	if err != nil {
		return err
	}
	if err := arrange(spec); err != nil {
		return err
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGTERM, unix.SIGINT)
	child, err := os.StartProcess("/proc/self/exe", argv, &os.ProcAttr{
		Env:   []string{"PATH=" + spec.Path, "HOME=/var/lib"},
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr, os.NewFile(controlFile, "control")},
	})
	if err != nil {
		return fmt.Errorf("starting the supervisor: %w", err)
	}
	go func() {
		for received := range signals {
			// Fails only when the supervisor is gone, which ends this process anyway.
			_ = child.Signal(received)
		}
	}()
	return reapUntil(child.Pid)
}

// reapUntil collects ended processes, orphans of containers among them, until the one named has ended.
func reapUntil(pid int) error {
	for {
		var status unix.WaitStatus
		ended, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("waiting for the node's processes: %w", err)
		case ended == pid && status.ExitStatus() != 0:
			return fmt.Errorf("the supervisor ended: exit status %d, signal %v", status.ExitStatus(), status.Signal())
		case ended == pid:
			return nil
		}
	}
}
