package server

import (
	"runtime"
	"runtime/debug"
	"time"
)

// restAfter is how long no call may have ended before memory is given back. A busy daemon needs its memory again at once; that of one
// at rest is the sandbox's. What it costs, a collection of a few milliseconds, comes once after a call and never by itself.
const restAfter = 5 * time.Second

// rest gives memory back some time after the last call.
type rest struct{ timer *time.Timer }

func newRest() *rest { return &rest{time.AfterFunc(restAfter, giveBack)} }

// called begins the wait anew.
func (r *rest) called() { r.timer.Reset(restAfter) }

func giveBack() {
	runtime.GC() // what pools hold outlives one collection
	debug.FreeOSMemory()
}
