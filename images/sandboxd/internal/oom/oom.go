// Package oom tells a kill by the kernel's OOM killer from any other SIGKILL, by the container's cgroup counters.
package oom

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// maxTaken bounds what is remembered while something always runs: kills older than so many claimed ones explain nothing any more.
const maxTaken = 1024

// Ledger hands out each kill that the kernel has counted at most once, and only to a process that ran when it was counted: the kill
// of a program that its parent reaped, such as a shell's, must not explain what happens later to another.
type Ledger struct {
	read func() (int64, bool)

	mu sync.Mutex
	// taken are the claimed kills by their number, from 1; those up to forgotten are not to be had.
	taken     map[int64]bool
	forgotten int64
}

// NewLedger counts with read, which returns the number of OOM kills so far, false where it is not known.
func NewLedger(read func() (int64, bool)) *Ledger {
	return &Ledger{read: read, taken: map[int64]bool{}}
}

// Mark is to be taken before a process starts and handed to its Claim.
func (l *Ledger) Mark() int64 {
	kills, ok := l.read()
	if !ok {
		return math.MaxInt64 // nothing can be said of it
	}
	return kills
}

// Claim takes one kill counted since that mark for a process that ended by a SIGKILL that sandboxd did not send; false when none is
// left to explain it. It is the oldest one, so that processes with later marks find theirs.
func (l *Ledger) Claim(since int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	kills, ok := l.read()
	if !ok {
		return false
	}
	for kill := max(since, l.forgotten); kill < kills; {
		kill++
		if !l.taken[kill] {
			l.taken[kill] = true
			l.prune()
			return true
		}
	}
	return false
}

func (l *Ledger) prune() {
	if len(l.taken) <= maxTaken {
		return
	}
	oldest := slices.Min(slices.Collect(maps.Keys(l.taken)))
	delete(l.taken, oldest)
	l.forgotten = oldest
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
