package server

import (
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

const (
	// restAfter is how long no call may have ended before memory is given back.
	restAfter = 5 * time.Second
	// restAbove is by how much the heap has to have changed for that: a collection costs the sandbox's processor.
	restAbove = 1 << 20
)

// rest gives memory back some time after the last call. A busy daemon needs its memory again at once; that of one at rest is the sandbox's.
type rest struct {
	timer *time.Timer
	// kept is what the heap held after the last time.
	kept atomic.Int64
}

func newRest() *rest {
	r := &rest{}
	r.timer = time.AfterFunc(restAfter, r.giveBack)
	return r
}

// called begins the wait anew.
func (r *rest) called() { r.timer.Reset(restAfter) }

func (r *rest) giveBack() {
	// less than was kept is a change as well: that may have been measured among calls that took long
	if change := held() - r.kept.Load(); max(change, -change) > restAbove {
		debug.FreeOSMemory()
		r.kept.Store(held())
	}
}

// held is the memory that the heap has of the system, in use or not.
func held() (bytes int64) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(samples)
	for _, sample := range samples {
		bytes += int64(sample.Value.Uint64())
	}
	return bytes
}
