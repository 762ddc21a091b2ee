// Package oom tells a kill by the kernel's OOM killer from any other SIGKILL, by the container's cgroup counters.
package oom

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// Ledger hands out each kill that the kernel has counted at most once.
type Ledger struct {
	read func() (int64, bool)

	mu      sync.Mutex
	claimed int64
}

// NewLedger counts with read, which returns the number of OOM kills so far, false where it is not known.
func NewLedger(read func() (int64, bool)) *Ledger {
	l := &Ledger{read: read}
	l.Forget()
	return l
}

// Forget leaves out what has been counted so far. Called when nothing runs that such a kill could explain.
func (l *Ledger) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if kills, ok := l.read(); ok {
		l.claimed = kills
	}
}

// Claim takes one kill for a process that ended by a SIGKILL that sandboxd did not send; false when none is left to explain it.
func (l *Ledger) Claim() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	kills, ok := l.read()
	if !ok || kills <= l.claimed {
		return false
	}
	l.claimed++
	return true
}

// Counter reads oom_kill of memory.events (cgroup v2) or memory.oom_control (v1). In a container the hierarchy starts at the
// container's own cgroup or, without a cgroup namespace, below it at the path of /proc/self/cgroup.
func Counter() func() (int64, bool) {
	for _, file := range candidates() {
		f, err := os.Open(file)
		if err != nil {
			continue
		}
		read := func() (int64, bool) {
			var text [1024]byte
			n, _ := f.ReadAt(text[:], 0)
			return parse(text[:n])
		}
		if _, ok := read(); ok {
			return read // the file stays open: it is read at every kill, and at every start while nothing runs
		}
		f.Close()
	}
	return func() (int64, bool) { return 0, false }
}

func candidates() []string {
	const mount = "/sys/fs/cgroup"
	var files []string
	text, _ := os.ReadFile("/proc/self/cgroup")
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		switch {
		case parts[1] == "memory":
			files = append(files, fmt.Sprintf("%s/memory%s/memory.oom_control", mount, parts[2]))
		case parts[0] == "0":
			files = append(files, mount+parts[2]+"/memory.events")
		}
	}
	return append(files, mount+"/memory.events", mount+"/memory/memory.oom_control")
}

func parse(text []byte) (int64, bool) {
	for line := range bytes.Lines(text) {
		if number, ok := bytes.CutPrefix(line, []byte("oom_kill ")); ok {
			n, err := strconv.ParseInt(string(bytes.TrimSpace(number)), 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
