package server

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// restAfter is how long no call may have come or ended before memory is given back. A busy daemon needs its memory again at once; that
// of one at rest is the sandbox's. What it costs, a collection of a few milliseconds, comes once after a call and never by itself.
const restAfter = 5 * time.Second

// How much the heap may grow, in percent, until it is collected. At rest it is the kubelet that makes it grow: it asks every two seconds
// whether we are ready, and its handshake leaves 60 KiB behind. With 100, sandboxd at rest had 14.4 MB resident, with 25 it has 11.5.
const (
	busyGrowth = 100
	restGrowth = 25
)

// rest gives memory back some time after the last call.
type rest struct {
	timer *time.Timer
	busy  atomic.Bool
}

// newRest begins busy: also against a GOGC that the sandbox's own programs are meant to have.
func newRest() *rest {
	r := &rest{}
	r.timer = time.AfterFunc(restAfter, r.giveBack)
	r.called()
	return r
}

// called begins the wait anew.
func (r *rest) called() {
	if !r.busy.Swap(true) {
		debug.SetGCPercent(busyGrowth)
	}
	r.timer.Reset(restAfter)
}

func (r *rest) giveBack() {
	r.busy.Store(false)
	debug.SetGCPercent(restGrowth)
	runtime.GC() // what pools hold outlives one collection
	debug.FreeOSMemory()
}
