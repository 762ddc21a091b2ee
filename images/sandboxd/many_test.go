package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	// maxIdle is what sandboxd may have of a sandbox's memory while nobody asks for anything, and maxKeeping with as many records as it
	// ever keeps.
	maxIdle    = 12 << 20
	maxKeeping = 15 << 20
	// keptRecords is how many ended processes are known (protocol §6).
	keptRecords = 1000
)

// many is how many processes are started: as many as a long life has with AGENTTIER_SIZE=full.
func many() int {
	if os.Getenv("AGENTTIER_SIZE") == "full" {
		return 100_000
	}
	return 2_000
}

func TestIdleMemory(t *testing.T) {
	t.Parallel()
	d := beginBuilt(t, nil)
	for i := range 5 {
		echo(d, i)
	}
	if status, text, err := d.do("PUT", "/v1/files?path=f", "files.write", strings.Repeat("x", 1<<20)); err != nil || status != 201 {
		t.Fatalf("%d %s, %v", status, text, err)
	}
	// the kubelet's probes go on, each by a connection of its own
	eventually(t, fmt.Sprintf("at most %d KiB resident after some minutes of probes", maxIdle>>10), func() bool {
		for range 100 {
			d.client.CloseIdleConnections()
			d.ready()
		}
		return memory(t, d.command.Process.Pid) <= maxIdle
	})
}

func TestManyProcessesLeaveNothing(t *testing.T) {
	t.Parallel()
	d := beginBuilt(t, nil)
	echo(d, 0)
	d.awaitMemory(maxIdle)
	before, files := memory(t, d.command.Process.Pid), d.openFiles()
	n, began := many(), time.Now()
	var started atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := started.Add(1); i <= int64(n) && !t.Failed(); i = started.Add(1) {
				echo(d, int(i))
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	busy := memory(t, d.command.Process.Pid)
	if t.Failed() {
		return
	}
	eventually(t, "no child is left, living or dead", func() bool { return len(children(t, d.command.Process.Pid)) == 0 })
	if known := d.known(); known != keptRecords {
		t.Errorf("%d processes are known after %d have ended, expected %d", known, n, keptRecords)
	}
	d.client.CloseIdleConnections()
	d.ready() // one connection, as before
	eventually(t, fmt.Sprintf("%d open files as before", files), func() bool { return d.openFiles() == files })
	d.awaitMemory(maxKeeping)
	t.Logf("%d processes in %s, %.0f a second; resident before, busy and at rest: %d, %d, %d KiB",
		n, took.Round(time.Second), float64(n)/took.Seconds(), before>>10, busy>>10, memory(t, d.command.Process.Pid)>>10)
}

// echo runs a process that says i and ends with a code of its own; one in twenty leaves another behind.
func echo(d *daemon, i int) {
	script := fmt.Sprintf("echo %d; exit %d", i, i%200)
	if i%20 == 0 {
		script = "(exec sleep 0) & " + script
	}
	status, answer, err := d.do("POST", "/v1/processes?watch=true", "exec", fmt.Sprintf(`{"class":"exec","script":%q}`, script))
	if err != nil || status != 200 || !strings.Contains(answer, fmt.Sprintf("%d\n", i)) ||
		!strings.Contains(answer, fmt.Sprintf(`"exit":{"outcome":"exited","code":%d,`, i%200)) {
		d.t.Errorf("process %d: %d %q, %v", i, status, answer, err)
	}
}

func (d *daemon) known() int {
	d.t.Helper()
	status, text, err := d.do("GET", "/v1/processes", "processes", "")
	var list struct{ Items []json.RawMessage }
	if err == nil {
		err = json.Unmarshal([]byte(text), &list)
	}
	if status != http.StatusOK || err != nil {
		d.t.Fatalf("list: %d %.200s, %v", status, text, err)
	}
	return len(list.Items)
}

// awaitMemory waits until so much of what the calls have needed has been given back.
func (d *daemon) awaitMemory(most int) {
	d.t.Helper()
	eventually(d.t, fmt.Sprintf("at most %d KiB resident", most>>10), func() bool { return memory(d.t, d.command.Process.Pid) <= most })
}

// memory is what of process pid is resident, in bytes.
func memory(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kilobytes << 10
		}
	}
	t.Fatalf("/proc/%d/status has no VmRSS", pid)
	return 0
}

// openFiles counts; -1 where only root may, since sandboxd is not dumpable.
func (d *daemon) openFiles() int {
	d.t.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", d.command.Process.Pid))
	if os.IsPermission(err) {
		return -1
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return len(files)
}

// children are the pids of those whose parent is pid, dead ones included.
func children(t *testing.T, pid int) (found []int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // ended meanwhile
		}
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if fields[1] != strconv.Itoa(pid) {
			continue
		}
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, child)
	}
	return found
}
