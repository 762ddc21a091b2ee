package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"agenttier.io/test-e2e/cluster/internal/command"
)

const (
	killTimeout  = 30 * time.Second
	pollInterval = 50 * time.Millisecond
)

// processID names a process for good: a pid that was given to another process later has another start time.
type processID struct {
	pid     int
	started string // field 22 of /proc/PID/stat, in clock ticks since boot
}

func identify(pid int) (processID, error) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return processID{}, err
	}
	started, ended, err := parseStat(stat)
	if err != nil {
		return processID{}, err
	}
	if ended {
		return processID{}, fs.ErrNotExist
	}
	return processID{pid, started}, nil
}

// parseStat reads the start time of a process, and whether it only waits to be collected. The command in the second field may hold
// spaces and parentheses, so fields are counted from the last one.
func parseStat(stat []byte) (started string, ended bool, err error) {
	end := bytes.LastIndexByte(stat, ')')
	if end < 0 {
		return "", false, fmt.Errorf("process status %q: expected a command in parentheses", stat)
	}
	fields := strings.Fields(string(stat[end+1:]))
	if len(fields) < 20 {
		return "", false, fmt.Errorf("process status %q: expected at least 22 fields", stat)
	}
	return fields[19], fields[0] == "Z" || fields[0] == "X", nil
}

func (p processID) running() bool {
	now, err := identify(p.pid)
	return err == nil && now == p
}

func (m machine) pidFile() string { return filepath.Join(m.dir, "pid") }

func (m machine) writePID(id processID) error {
	return os.WriteFile(m.pidFile(), fmt.Appendf(nil, "%d %s\n", id.pid, id.started), 0o644)
}

// first returns the node's first process as the host sees it, if it runs.
func (m machine) first() (processID, bool) {
	data, err := os.ReadFile(m.pidFile())
	if err != nil {
		return processID{}, false
	}
	var id processID
	if _, err := fmt.Sscan(string(data), &id.pid, &id.started); err != nil {
		return processID{}, false
	}
	return id, id.running()
}

// inside is a path of the node as the host reaches it.
func (m machine) inside(path string) (string, error) {
	first, running := m.first()
	if !running {
		return "", fmt.Errorf("%s of cluster %s does not run: %w", m.name, m.cluster, ErrNotUp)
	}
	return fmt.Sprintf("/proc/%d/root%s", first.pid, path), nil
}

// kill ends every process of the node and waits for it. Ending the first process ends all others; the search by network namespace finds
// the node of a run that was killed before it wrote the pid down.
func (m machine) kill(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, killTimeout)
	defer cancel()
	for {
		pids, err := m.pids(ctx)
		if err != nil {
			return err
		}
		if len(pids) == 0 {
			return nil
		}
		for _, pid := range pids {
			if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("ending process %d of %s: %w", pid, m.name, err)
			}
		}
		select {
		case <-time.After(pollInterval):
		case <-ctx.Done():
			return fmt.Errorf("processes %v of %s are still there %s after SIGKILL", pids, m.name, killTimeout)
		}
	}
}

func (m machine) pids(ctx context.Context) ([]int, error) {
	var pids []int
	if first, running := m.first(); running {
		pids = append(pids, first.pid)
	}
	if _, err := os.Lstat(filepath.Join("/run/netns", m.namespace)); err != nil {
		return pids, nil
	}
	listed, err := command.Output(ctx, "ip", "netns", "pids", m.namespace)
	if err != nil {
		return nil, err
	}
	for _, field := range strings.Fields(listed) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			return nil, fmt.Errorf("ip netns pids %s: %w", m.namespace, err)
		}
		if _, err := identify(pid); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}
