package supervisor

import "time"

const (
	firstPause  = time.Second
	longestWait = 30 * time.Second
	// A process that ran this long counts as healthy: its next end starts again with the first pause.
	settled = time.Minute
)

// Pause is the wait before a process that ended is started again: it doubles with every short life in a row.
func Pause(previous, lived time.Duration) time.Duration {
	if previous == 0 || lived >= settled {
		return firstPause
	}
	return min(2*previous, longestWait)
}
