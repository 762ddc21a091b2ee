package local

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"agenttier.io/test-e2e/cluster/internal/network"
	"agenttier.io/test-e2e/cluster/internal/node"
	"agenttier.io/test-e2e/cluster/internal/registry"
)

// launch starts the first process of a node in namespaces of its own. ended gets how it ended, should that happen while this program runs.
func (m machine) launch(r registry.Registry, tool, logPath string) (ended <-chan error, err error) {
	socket := r.Socket(m.cluster, m.name)
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("opening the control socket: %w", err)
	}
	// The socket stays in the file system when this program closes its copy: it serves the node from now on.
	listener.SetUnlinkOnClose(false)
	defer listener.Close()
	control, err := listener.File()
	if err != nil {
		return nil, err
	}
	defer control.Close()
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()

	cmd := exec.Command(tool, "node", "--spec", m.specFile())
	cmd.Dir = "/"
	// Nothing of the caller's environment, which may hold secrets, belongs into a node.
	cmd.Env = []string{}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{control}
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true, Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWUTS}
	if err := startIn(network.NamespacePath(m.cluster, m.name), cmd); err != nil {
		return nil, fmt.Errorf("starting %s: %w", m.name, err)
	}
	id, err := identify(cmd.Process.Pid)
	if err != nil {
		return nil, fmt.Errorf("%s ended at once (see %s): %w", m.name, logPath, err)
	}
	if err := m.writePID(id); err != nil {
		return nil, err
	}
	result := make(chan error, 1)
	go func() {
		started := time.Now()
		err := cmd.Wait()
		result <- fmt.Errorf("%s ended after %s: %v; see %s", m.name, time.Since(started).Round(time.Millisecond), err, logPath)
	}()
	return result, nil
}

func (m machine) specFile() string { return filepath.Join(m.dir, "conf", "node.json") }

func (m machine) writeSpec(spec node.Spec) error { return node.Write(m.specFile(), spec) }

// startIn starts a command in a network namespace. A new process takes the namespace of the thread that starts it; that thread is never
// unlocked, so that it ends with its goroutine and carries the namespace nowhere else.
func startIn(namespace string, cmd *exec.Cmd) error {
	file, err := os.Open(namespace)
	if err != nil {
		return err
	}
	defer file.Close()
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
			result <- fmt.Errorf("entering network namespace %s: %w", namespace, err)
			return
		}
		result <- cmd.Start()
	}()
	return <-result
}
