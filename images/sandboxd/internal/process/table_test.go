package process

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/clock"
	"agenttier.io/images/sandboxd/internal/fault"
)

func TestProcessThatNobodyWatchesIsCancelledAfterTheGrace(t *testing.T) {
	c := stopped()
	table := newTable(t, c, noKills)
	p, release := start(t, table, Request{Script: "echo; exec sleep 1000"})
	c.Advance(time.Hour) // watched
	release()
	release() // counts once
	c.Advance(9 * time.Second)
	again := p.Attach() // in time
	c.Advance(time.Hour)
	if p.Exit() != nil {
		t.Fatal("cancelled although a reader came back in time")
	}
	again()
	c.Advance(9 * time.Second)
	if p.Exit() != nil {
		t.Fatal("cancelled within the grace")
	}
	c.Advance(time.Second)
	<-p.Done()
	if exit := p.Exit(); exit.Outcome != Canceled || exit.By != "disconnect" {
		t.Errorf("exit %+v", *exit)
	}
}

func TestKeepSurvivesWithoutReaders(t *testing.T) {
	c := stopped()
	table := newTable(t, c, noKills)
	p, release := start(t, table, Request{Script: "echo; exec sleep 1000", OnDisconnect: "keep"})
	release()
	c.Advance(24 * time.Hour)
	if p.Exit() != nil || p.why != nil {
		t.Errorf("ended: %+v", p.why)
	}
}

func TestEndedProcessesAreKeptADayAndUpToAThousand(t *testing.T) {
	c := stopped()
	table := newTable(t, c, noKills)
	first := runRefused(t, table, "first")
	c.Advance(time.Hour)
	for range maxEnded - 1 {
		runRefused(t, table, "")
	}
	if _, err := table.Find("first"); err != nil {
		t.Errorf("at %d: %v", maxEnded, err)
	}
	second := runRefused(t, table, "second")
	if _, err := table.Find("first"); !isStatus(err, 404) {
		t.Errorf("beyond %d: %v", maxEnded, err)
	}
	if n := len(table.List()); n != maxEnded {
		t.Errorf("%d are listed", n)
	}
	c.Advance(keepEnded)
	if _, err := table.Find("second"); err != nil {
		t.Errorf("after a day: %v", err)
	}
	c.Advance(time.Second)
	if _, err := table.Find("second"); !isStatus(err, 404) {
		t.Errorf("after more than a day: %v", err)
	}
	if first == second || len(table.List()) != 0 {
		t.Errorf("%d are listed", len(table.List()))
	}
}

// runRefused adds a process that ends at once, since it cannot be started.
func runRefused(t *testing.T, table *Table, name string) *Process {
	t.Helper()
	p, release, created, err := table.Start(&Request{Class: "exec", Name: name, Argv: []string{"/no/such/program"}}, Start{By: "alice"})
	if err != nil || !created {
		t.Fatal(created, err)
	}
	release()
	<-p.Done()
	return p
}

func isStatus(err error, status int) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && f.Status == status
}

func TestMoreProcessesThanAllowedAreRefused(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	table.running = maxRunning
	_, _, _, err := table.Start(&Request{Class: "exec", Argv: []string{"true"}}, Start{})
	if !isStatus(err, 429) || !strings.Contains(err.Error(), "512") {
		t.Errorf("%v", err)
	}
	table.running = 0
}

func TestNameOfAnotherUsersProcessIsNotJoinedByWhoSeesOnlyHisOwn(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	request := Request{Class: "exec", Name: "n", Argv: []string{"true"}}
	p, release, _, err := table.Start(&request, Start{By: "alice", Own: true})
	if err != nil {
		t.Fatal(err)
	}
	release()
	if _, _, _, err := table.Start(&request, Start{By: "bob", Own: true}); !isStatus(err, 403) {
		t.Errorf("bob: %v", err)
	}
	again, release, created, err := table.Start(&request, Start{By: "bob"})
	if err != nil || created || again != p {
		t.Errorf("with the right to read all: %v %v", created, err)
	}
	release()
}

func TestCloseEndsAllAndRefusesMore(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	ended, release := start(t, table, Request{Script: "setsid sleep 1000 >/dev/null 2>&1 & echo"})
	defer release()
	<-ended.Done()
	var all []*Process
	for range 3 {
		p, release := start(t, table, Request{Script: "echo; sleep 1000", OnDisconnect: "keep"})
		defer release()
		all = append(all, p)
	}
	if err := table.Close("end"); err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if exit := p.Exit(); exit == nil || exit.Outcome != Canceled || exit.By != "end" {
			t.Errorf("exit %+v", exit)
		}
	}
	if left := members(t, ended); len(left) != 0 {
		t.Errorf("an ended process left %v in the background", left)
	}
	if _, _, _, err := table.Start(&Request{Class: "exec", Argv: []string{"true"}}, Start{}); !isStatus(err, 503) {
		t.Errorf("start after close: %v", err)
	}
}

func TestSignalsHaveNamesAndNumbers(t *testing.T) {
	for text, want := range map[string]syscall.Signal{
		"TERM": 15, "SIGTERM": 15, "sigterm": 15, "9": 9, "HUP": 1, "64": 64, "RTMIN": 34, "SIGRTMIN+2": 36, "WINCH": syscall.SIGWINCH,
	} {
		if got, err := ParseSignal(text); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0", "65", "-1", "SIG", "NOPE", "RTMIN+31", "RTMIN-1", "9x"} {
		if got, err := ParseSignal(text); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
	for number, want := range map[syscall.Signal]string{9: "KILL", 34: "RTMIN", 40: "RTMIN+6", 33: "33"} {
		if got := signalName(number); got != want {
			t.Errorf("%d is %q, expected %q", number, got, want)
		}
	}
}

func FuzzEveryNameIsEitherRefusedOrFoundAgain(f *testing.F) {
	for _, seed := range []string{"build", "a.b", "0a1b2c3d.x", "exec-0a1b2c3d0123456789abcdef", "-x", "", "ü", strings.Repeat("a", 64)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if checkName(name) != nil {
			return
		}
		id, err := resolve(name, incarnation)
		if err != nil || id != incarnation+"."+name {
			t.Errorf("name %q became %q, %v", name, id, err)
		}
		again, err := resolve(id, incarnation)
		if err != nil || again != id {
			t.Errorf("id %q became %q, %v", id, again, err)
		}
		if _, err := resolve(id, "ffffffff"); !isStatus(err, 410) {
			t.Errorf("id %q in another incarnation: %v", id, err)
		}
	})
}
