package process

import (
	"strings"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/clock"
)

func open(t *testing.T, table *Table, wanted Terminal, by string) (*Process, func(), bool) {
	t.Helper()
	request, err := wanted.Request()
	if err != nil {
		t.Fatal(err)
	}
	p, release, created, err := table.Terminal(wanted, request, Start{By: by})
	if err != nil {
		t.Fatal(err)
	}
	return p, release, created
}

func TestASessionIsOneShellUntilThatEnds(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	main := Terminal{Session: "main", Shell: "/bin/sh", Retention: time.Hour}
	first, release, created := open(t, table, main, "alice")
	defer release()
	again, releaseAgain, createdAgain := open(t, table, main, "bob")
	defer releaseAgain()
	if !created || createdAgain || first != again || first.Class != "term" || !strings.HasPrefix(first.ID, "term-"+incarnation) {
		t.Fatalf("created %t, %t; %s and %s", created, createdAgain, first.ID, again.ID)
	}
	if info := first.Info(); info.Session != "main" {
		t.Fatalf("%s is of session %q", info.ID, info.Session)
	}
	other, releaseOther, _ := open(t, table, Terminal{Session: "other", Shell: "/bin/sh", Retention: time.Hour}, "bob")
	defer releaseOther()
	if other == first {
		t.Error("two sessions have one shell")
	}
	request, _ := main.Request()
	if _, _, _, err := table.Terminal(main, request, Start{By: "bob", Own: true}); err == nil || !strings.Contains(err.Error(), "another user") {
		t.Errorf("one who may only see his own joined: %v", err)
	}
	first.Cancel("alice")
	<-first.Done()
	next, releaseNext, created := open(t, table, main, "bob")
	defer releaseNext()
	if !created || next == first {
		t.Error("the shell that ended is still the session")
	}
}

// An interactive shell ignores TERM, so without HUP this would last until KILL.
func TestACancelledShellEndsBeforeKill(t *testing.T) {
	c := stopped()
	table := newTable(t, c, noKills)
	p, release, _ := open(t, table, Terminal{Session: "main", Shell: "/bin/bash", Retention: time.Hour}, "alice")
	defer release()
	if _, err := p.terminal.WriteString("echo rea''dy\n"); err != nil {
		t.Fatal(err)
	}
	await(t, p, "ready")
	p.Cancel("bob")
	<-p.Done()
	if exit := p.Exit(); exit.Outcome != Canceled || exit.By != "bob" {
		t.Errorf("exit %+v", *exit)
	}
}

func TestAShellIsKeptWithoutViewersForItsRetentionAndNoLonger(t *testing.T) {
	c := stopped()
	table := newTable(t, c, noKills)
	wanted := Terminal{Session: "main", Shell: "/bin/sh", Retention: time.Hour}
	p, release, _ := open(t, table, wanted, "alice")
	release()
	c.AwaitTimer(time.Hour)
	c.Advance(59 * time.Minute)
	wanted.Retention = 2 * time.Hour
	_, release, created := open(t, table, wanted, "alice")
	if created {
		t.Fatal("ended before its time")
	}
	c.Advance(3 * time.Hour)
	if p.Exit() != nil {
		t.Fatal("ended with a viewer")
	}
	release()
	c.AwaitTimer(2 * time.Hour)
	c.Advance(2 * time.Hour)
	<-p.Done()
	if exit := p.Exit(); exit.Outcome != Canceled || exit.By != "retention" {
		t.Errorf("exit %+v", *exit)
	}
}

func TestWhoComesSeesTheLastScreen(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	p, release, _ := open(t, table, Terminal{Session: "main", Shell: "/bin/sh", Retention: time.Hour}, "alice")
	defer release()
	if _, err := p.terminal.WriteString("PS1=; stty -echo; for i in $(seq 500); do echo line $i; done; printf en; echo d\n"); err != nil {
		t.Fatal(err)
	}
	all := await(t, p, "end\r\n")
	for rows, begin := range map[int]string{2: "end\r\n", 3: "line 500\r\nend\r\n", 11: "line 492\r\n"} {
		if at := p.Screenful(rows); !strings.HasPrefix(all[at:], begin) {
			t.Errorf("%d rows begin at %d with %.30q, expected %q", rows, at, all[at:], begin)
		}
	}
	if at := p.Screenful(1000); at == 0 || !strings.HasPrefix(all[at:], "line 30") {
		t.Errorf("more rows than are known begin at %d with %.20q", at, all[at:])
	}
}

func TestWhatASessionCannotBe(t *testing.T) {
	good := Terminal{Session: "main", Shell: "/bin/sh", Retention: time.Hour}
	for text, change := range map[string]func(*Terminal){
		"session \"\"":     func(w *Terminal) { w.Session = "" },
		"session \"../x\"": func(w *Terminal) { w.Session = "../x" },
		"session \"a_b\"":  func(w *Terminal) { w.Session = "a_b" },
		"retention 0s":     func(w *Terminal) { w.Retention = 0 },
		"retention 25h":    func(w *Terminal) { w.Retention = 25 * time.Hour },
		"terminal size":    func(w *Terminal) { w.Cols = 1001 },
	} {
		wanted := good
		change(&wanted)
		if _, err := wanted.Request(); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error %v, expected %s", err, text)
		}
	}
}
