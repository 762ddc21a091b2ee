package process

import (
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/clock"
)

func TestCancelEndsTheWholeTree(t *testing.T) {
	for name, script := range map[string]string{
		"children in the background":   "sleep 1000 & sleep 1000 & echo; wait",
		"a child in another session":   "setsid sleep 1000 & echo; wait",
		"an orphan":                    "(setsid sleep 1000 &) ; echo; sleep 1000",
		"a child without environment":  "env -i /bin/sleep 1000 & echo; wait",
		"a child without both":         "setsid env -i /bin/sleep 1000 & echo; wait",
		"a parent that ends at once":   "trap 'exit 0' TERM; (trap '' HUP; sleep 1000) & echo; wait",
		"a child that closed its pipe": "sleep 1000 >/dev/null 2>&1 & echo; wait",
	} {
		t.Run(name, func(t *testing.T) {
			table := newTable(t, clock.System{}, noKills)
			p, release := start(t, table, Request{Script: script, OnDisconnect: "keep"})
			defer release()
			if len(members(t, p)) == 0 {
				t.Fatal("no member is found while it runs")
			}
			p.Cancel("bob")
			<-p.Done()
			if exit := p.Exit(); exit.Outcome != Canceled || exit.By != "bob" || exit.Code != nil {
				t.Errorf("exit %+v", *exit)
			}
			if left := members(t, p); len(left) != 0 {
				t.Errorf("processes %v are left", left)
			}
		})
	}
}

func TestKillFollowsTermAfterFiveSeconds(t *testing.T) {
	c := stopped()
	table := newTable(t, c, noKills)
	p, release := start(t, table, Request{Script: "trap 'echo told' TERM; echo; while :; do sleep 0.01; done", OnDisconnect: "keep"})
	defer release()
	p.Cancel("bob")
	await(t, p, "told")
	if p.Exit() != nil {
		t.Fatal("ended without KILL")
	}
	c.AwaitTimer(termGrace)
	c.Advance(termGrace)
	<-p.Done()
	if exit := p.Exit(); exit.Outcome != Canceled || exit.DurationMs != 5000 {
		t.Errorf("exit %+v", *exit)
	}
}

func TestTimeLimitComesFromTheClock(t *testing.T) {
	c := stopped()
	table := newTable(t, c, noKills)
	p, release := start(t, table, Request{Script: "echo; exec sleep 1000", TimeoutMs: 30_000, OnDisconnect: "keep"})
	defer release()
	c.Advance(29 * time.Second)
	if p.Exit() != nil {
		t.Fatal("ended early")
	}
	c.Advance(time.Second)
	<-p.Done()
	if exit := p.Exit(); exit.Outcome != TimedOut || exit.LimitMs != 30_000 || exit.Signal != "" {
		t.Errorf("exit %+v", *exit)
	}
}

func TestFirstCauseDecides(t *testing.T) {
	c := stopped()
	table := newTable(t, c, noKills)
	p, release := start(t, table, Request{Script: "trap '' TERM; echo; sleep 1000; sleep 1000", TimeoutMs: 1000, OnDisconnect: "keep"})
	defer release()
	c.Advance(time.Second)
	p.Cancel("bob")
	c.AwaitTimer(termGrace)
	c.Advance(termGrace)
	<-p.Done()
	if exit := p.Exit(); exit.Outcome != TimedOut {
		t.Errorf("exit %+v", *exit)
	}
}

func TestSignalReachesTheGroupAndIsRecorded(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	p, release := start(t, table, Request{Script: "echo; sleep 1000", OnDisconnect: "keep"})
	defer release()
	if err := p.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if exit := p.Exit(); exit.Outcome != Signaled || exit.Signal != "USR1" || exit.Number != int(syscall.SIGUSR1) {
		t.Errorf("exit %+v", *exit)
	}
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Errorf("signal to an ended process: %v", err)
	}
	p.Cancel("bob")
	if p.Exit().Outcome != Signaled {
		t.Error("cancel after the end changed the record")
	}
}

func TestNormalExitLeavesBackgroundChildrenAlone(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	fifo := t.TempDir() + "/go"
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	result := t.TempDir() + "/result"
	p, release := start(t, table, Request{Script: "(read x < " + fifo + "; echo into nowhere; echo alive > " + result + ") & echo begun"})
	defer release()
	<-p.Done()
	if exit := p.Exit(); exit.Outcome != Exited || *exit.Code != 0 {
		t.Errorf("exit %+v", *exit)
	}
	if p.Output.EndOf(0) != int64(len("begun\n")) {
		t.Errorf("%d bytes of output", p.Output.EndOf(0))
	}
	// The child still runs, and writing to its old stdout does not kill it.
	other, release := start(t, table, Request{Script: "echo > " + fifo + "; until test -s " + result + "; do sleep 0.01; done; cat " + result})
	defer release()
	if got := await(t, other, "alive"); got != "alive\n" {
		t.Errorf("got %q", got)
	}
}

func TestUnexplainedKillsAreOOMAsOftenAsTheKernelCounted(t *testing.T) {
	var kills atomic.Int64
	kills.Store(7) // before anything ran
	table := newTable(t, clock.System{}, func() (int64, bool) { return kills.Load(), true })
	run := func() *Record {
		p, release := start(t, table, Request{Script: "kill -9 $$", OnDisconnect: "keep"})
		defer release()
		<-p.Done()
		return p.Exit()
	}
	if exit := run(); exit.Outcome != Signaled || exit.Signal != "KILL" || exit.Number != 9 {
		t.Errorf("no kill was counted: %+v", *exit)
	}
	guard, release := start(t, table, Request{Script: "echo; exec sleep 1000", OnDisconnect: "keep"})
	defer release()
	kills.Add(1)
	if exit := run(); exit.Outcome != Signaled {
		t.Errorf("that kill was counted before it started: %+v", *exit)
	}
	fifo := t.TempDir() + "/go"
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	victim, release := start(t, table, Request{Script: "echo; read x < " + fifo + "; kill -9 $$", OnDisconnect: "keep"})
	defer release()
	kills.Add(1)
	if err := os.WriteFile(fifo, []byte("\n"), 0); err != nil {
		t.Fatal(err)
	}
	<-victim.Done()
	if exit := victim.Exit(); exit.Outcome != OutOfMem {
		t.Errorf("one kill was counted while it ran: %+v", *exit)
	}
	kills.Add(1)
	if err := guard.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-guard.Done()
	if exit := guard.Exit(); exit.Outcome != Signaled {
		t.Errorf("the caller sent KILL: %+v", *exit)
	}
}
