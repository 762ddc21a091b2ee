package process

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
)

func making(do func(ctx context.Context, stdout, stderr io.Writer) error) Making {
	return Making{Class: "arch", Name: "w.zip", By: "alice", Limit: time.Hour, Patience: time.Minute, Make: do}
}

func TestMakingEndsWithItsOutputAndARecord(t *testing.T) {
	table := newTable(t, stopped(), noKills)
	p, release, err := table.Make(making(func(_ context.Context, stdout, _ io.Writer) error {
		_, err := io.WriteString(stdout, "whole")
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	<-p.Done()
	if got := await(t, p, "whole"); got != "whole" {
		t.Errorf("output %q", got)
	}
	if exit := p.Exit(); exit.Outcome != Exited || *exit.Code != 0 || !strings.HasPrefix(p.ID, "arch-"+incarnation) {
		t.Errorf("%s: %+v", p.ID, exit)
	}
}

func TestMakingThatFailsIsNoSuccess(t *testing.T) {
	table := newTable(t, stopped(), noKills)
	p, release, err := table.Make(making(func(context.Context, io.Writer, io.Writer) error { return errors.New("no more") }))
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	<-p.Done()
	if exit := p.Exit(); exit.Outcome != Exited || *exit.Code != 1 {
		t.Errorf("record %+v", exit)
	}
	if got := await(t, p, "\n"); got != "no more\n" {
		t.Errorf("output %q", got)
	}
}

// endless writes until it is told to stop; the spool of the fixture is full before.
func endless(_ context.Context, stdout, _ io.Writer) error {
	block := make([]byte, 64<<10)
	for {
		if _, err := stdout.Write(block); err != nil {
			return err
		}
	}
}

func TestMakingThatWaitsForItsReaderCanBeCanceled(t *testing.T) {
	table := newTable(t, stopped(), noKills)
	p, release, err := table.Make(making(endless))
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	p.Cancel("bob")
	<-p.Done()
	if exit := p.Exit(); exit.Outcome != Canceled || exit.By != "bob" {
		t.Errorf("record %+v", exit)
	}
}

func TestMakingEndsAtItsLimitAndWithoutAReader(t *testing.T) {
	clock := stopped()
	table := newTable(t, clock, noKills)
	limited, release, err := table.Make(making(endless))
	if err != nil {
		t.Fatal(err)
	}
	alone, leave, err := table.Make(making(endless))
	if err != nil {
		t.Fatal(err)
	}
	leave()
	clock.Advance(time.Minute)
	<-alone.Done()
	if exit := alone.Exit(); exit.Outcome != Canceled || exit.By != "disconnect" {
		t.Errorf("record %+v", exit)
	}
	clock.Advance(time.Hour)
	<-limited.Done()
	if exit := limited.Exit(); exit.Outcome != TimedOut || exit.LimitMs != time.Hour.Milliseconds() {
		t.Errorf("record %+v", exit)
	}
	release()
}

func TestFewMakingsRunAtATime(t *testing.T) {
	table := newTable(t, stopped(), noKills)
	for range maxMade {
		p, release, err := table.Make(making(endless))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { release(); p.Cancel("test"); <-p.Done() })
	}
	_, _, err := table.Make(making(endless))
	if known, ok := errors.AsType[*fault.Error](err); !ok || known.Status != 429 {
		t.Errorf("error %v, expected 429", err)
	}
}

func TestMakingEndsWithTheSandbox(t *testing.T) {
	table := newTable(t, stopped(), noKills)
	p, release, err := table.Make(making(endless))
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := table.Close("agenttier:sandbox"); err != nil {
		t.Error(err)
	}
	if exit := p.Exit(); exit == nil || exit.Outcome != Canceled || exit.By != "agenttier:sandbox" {
		t.Errorf("record %+v", exit)
	}
}
