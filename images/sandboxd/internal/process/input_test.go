package process

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/clock"
)

// openInput is the stdin of no process; from is where what it accepts would arrive.
func openInput(t *testing.T) (p *Process, from *os.File) {
	t.Helper()
	theirs, ours, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p = &Process{ID: "p", input: newInput(nil, true)}
	p.input.connect(ours, nil)
	t.Cleanup(func() {
		p.input.stop()
		theirs.Close()
	})
	return p, theirs
}

func TestProcessThatReadsNothingGetsABoundedBuffer(t *testing.T) {
	p, _ := openInput(t)
	w, err := p.TakeStdin(false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- w.Write(ctx, 0, make([]byte, 1<<20)) }()
	for p.StdinOffset() < maxPending {
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || p.StdinOffset() != maxPending {
		t.Errorf("%v after %d bytes", err, p.StdinOffset())
	}
	next, err := p.TakeStdin(true)
	if err != nil {
		t.Fatal(err)
	}
	p.input.stop() // the process has ended: everything is taken at once, and counted
	if err := next.Write(context.Background(), maxPending, make([]byte, 1<<20)); err != nil || p.StdinOffset() != maxPending+1<<20 {
		t.Errorf("%v after %d bytes", err, p.StdinOffset())
	}
}

func TestCloseTakesEffectAtItsLengthAndNotBefore(t *testing.T) {
	p, from := openInput(t)
	w, _ := p.TakeStdin(false)
	go p.input.feed(false)
	for _, step := range []func() error{
		func() error { return w.CloseAt(5) },
		func() error { return w.Write(context.Background(), 0, []byte("abc")) },
		func() error { return w.Write(context.Background(), 1, []byte("bcdefgh")) }, // three more than announced
	} {
		if _, open := p.input.state(); !open {
			t.Fatal("closed too early")
		}
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	got := make([]byte, 100)
	n := 0
	for {
		m, err := from.Read(got[n:])
		n += m
		if err != nil {
			break
		}
	}
	accepted, open := p.input.state()
	if string(got[:n]) != "abcde" || accepted != 8 || open {
		t.Errorf("%q, %d accepted, open %v", got[:n], accepted, open)
	}
}

func TestNewWriterIsNotBoundByTheLengthThatTheFormerAnnounced(t *testing.T) {
	p, _ := openInput(t)
	first, _ := p.TakeStdin(false)
	if err := first.CloseAt(2); err != nil {
		t.Fatal(err)
	}
	second, _ := p.TakeStdin(true)
	if err := second.Write(context.Background(), 0, []byte("abc")); err != nil {
		t.Fatal(err)
	}
	if _, open := p.input.state(); !open {
		t.Error("closed by a writer that is gone")
	}
	if err := first.CloseAt(3); !errors.Is(err, ErrTaken) {
		t.Errorf("close by the former writer: %v", err)
	}
	first.Release() // not the second's place
	if _, err := p.TakeStdin(false); !isStatus(err, 409) {
		t.Errorf("the place is free: %v", err)
	}
}

func TestFixedStdinIsNeitherOpenNorKept(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	p, release := start(t, table, Request{Script: "cat; echo", Stdin: []byte(strings.Repeat("x", 1<<20))})
	defer release()
	await(t, p, "\n")
	<-p.Done()
	info := p.Info()
	if info.BytesStdin != 1<<20 || info.StdinOpen || info.BytesStdout != 1<<20+1 {
		t.Errorf("%+v", info)
	}
	p.input.mu.Lock()
	kept := cap(p.input.pending)
	p.input.mu.Unlock()
	if kept != 0 {
		t.Errorf("%d bytes of memory are kept of the stdin of an ended process", kept)
	}
	if _, err := p.TakeStdin(true); !isStatus(err, 409) || !strings.Contains(err.Error(), "without stdin") {
		t.Errorf("%v", err)
	}
}
