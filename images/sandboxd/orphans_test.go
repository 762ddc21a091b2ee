package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// What loses its parent becomes sandboxd's child, also where sandboxd is not process 1 of the container, and is reaped when it ends.
func TestOrphansAreAdoptedAndReaped(t *testing.T) {
	d := begin(t, nil)
	d.ready()
	gate := filepath.Join(d.dir, "root", "gate")
	if err := syscall.Mkfifo(gate, 0o600); err != nil {
		t.Fatal(err)
	}
	// in a session of their own, or not; who opens the FIFO for reading waits for a writer
	d.script(`for i in 1 2 3; do (read x < gate & echo $! >> pids); (setsid sh -c 'echo $$ >> pids; exec < gate' & ); done
		while [ "$(wc -l < pids)" -lt 6 ]; do :; done`)
	orphans := numbers(t, filepath.Join(d.dir, "root", "pids"))
	adopted := func() bool {
		own := children(t, d.command.Process.Pid)
		return !slices.ContainsFunc(orphans, func(pid int) bool { return !slices.Contains(own, pid) })
	}
	eventually(t, "all orphans are children of sandboxd", adopted)
	open, err := os.OpenFile(gate, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if _, err := open.WriteString("x\nx\nx\n"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "no child is left, living or dead", func() bool { return len(children(t, d.command.Process.Pid)) == 0 })
}

func numbers(t *testing.T, file string) (found []int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(string(text)) {
		number, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, number)
	}
	return found
}
