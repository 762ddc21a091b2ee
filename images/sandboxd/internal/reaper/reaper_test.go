package reaper

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

var theReaper *Reaper

func TestMain(m *testing.M) {
	var err error
	if theReaper, err = New(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestEachChildGetsItsOwnStatus(t *testing.T) {
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 40 {
				code := (worker*40 + i) % 256
				got := make(chan syscall.WaitStatus, 2)
				script := "exit " + string(rune('0'+code/100)) + string(rune('0'+code/10%10)) + string(rune('0'+code%10))
				if _, err := theReaper.Start("/bin/sh", []string{"sh", "-c", script}, &syscall.ProcAttr{}, func(s syscall.WaitStatus) { got <- s }); err != nil {
					t.Error(err)
					return
				}
				if status := <-got; !status.Exited() || status.ExitStatus() != code {
					t.Errorf("status %v, expected code %d", status, code)
				}
			}
		})
	}
	all.Wait()
}

func TestFailedStartGivesTheErrorAndNoStatus(t *testing.T) {
	for range 50 {
		_, err := theReaper.Start("/no/such/program", []string{"x"}, &syscall.ProcAttr{}, func(syscall.WaitStatus) { t.Error("a status came") })
		if !errors.Is(err, syscall.ENOENT) {
			t.Fatal(err)
		}
	}
}

func TestSignalAfterTheEndReachesNobody(t *testing.T) {
	ended := make(chan struct{})
	pid, err := theReaper.Start("/bin/true", []string{"true"}, &syscall.ProcAttr{Sys: &syscall.SysProcAttr{Setsid: true}}, func(syscall.WaitStatus) { close(ended) })
	if err != nil {
		t.Fatal(err)
	}
	<-ended
	if sent, err := theReaper.Signal(pid, syscall.SIGKILL); sent || err != nil || theReaper.Runs(pid) {
		t.Errorf("sent %v, %v", sent, err)
	}
}

func TestOrphansAreAdoptedAndReaped(t *testing.T) {
	ended := make(chan struct{})
	reaped := theReaper.Reaped()
	if _, err := theReaper.Start("/bin/sh", []string{"sh", "-c", "sleep 0.01 & exit"}, &syscall.ProcAttr{}, func(syscall.WaitStatus) { close(ended) }); err != nil {
		t.Fatal(err)
	}
	<-ended
	<-reaped
	// Until no child is left at all, whoever its first parent was.
	for {
		next := theReaper.Reaped()
		if err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil); errors.Is(err, unix.ECHILD) {
			return
		}
		<-next
	}
}
