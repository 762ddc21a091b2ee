// Package clocktest has a clock that stands still until a test moves it.
package clocktest

import (
	"sync"
	"time"

	"agenttier.io/images/sandboxd/internal/clock"
)

// Fake is a clock.Clock that only Advance moves.
type Fake struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*timer]bool
	added  *sync.Cond
}

type timer struct {
	fake *Fake
	at   time.Time
	call func()
}

// New returns a clock that shows now.
func New(now time.Time) *Fake {
	f := &Fake{now: now, timers: map[*timer]bool{}}
	f.added = sync.NewCond(&f.mu)
	return f
}

func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *Fake) AfterFunc(d time.Duration, call func()) clock.Timer {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := &timer{fake: f, at: f.now.Add(d), call: call}
	f.timers[t] = true
	f.added.Broadcast()
	return t
}

func (t *timer) Stop() bool {
	t.fake.mu.Lock()
	defer t.fake.mu.Unlock()
	pending := t.fake.timers[t]
	delete(t.fake.timers, t)
	return pending
}

// Advance moves the clock by d and runs, one after another, what has become due.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	f.now = f.now.Add(d)
	var due []*timer
	for t := range f.timers {
		if !t.at.After(f.now) {
			due = append(due, t)
			delete(f.timers, t)
		}
	}
	f.mu.Unlock()
	for _, t := range due {
		t.call()
	}
}

// AwaitTimer returns once a timer due within d is pending.
func (f *Fake) AwaitTimer(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		for t := range f.timers {
			if !t.at.After(f.now.Add(d)) {
				return
			}
		}
		f.added.Wait()
	}
}
