package process

import (
	"fmt"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Outcomes of an exit record (protocol §6).
const (
	Exited     = "exited"
	Signaled   = "signaled"
	NotStarted = "notStarted"
	TimedOut   = "timeout"
	Canceled   = "canceled"
	OutOfMem   = "oom"
)

// Record says how a process ended; written once. Which fields are set follows from Outcome.
type Record struct {
	Outcome    string `json:"outcome"`
	Code       *int   `json:"code,omitempty"`
	Signal     string `json:"signal,omitempty"`
	Number     int    `json:"number,omitempty"`
	Message    string `json:"message,omitempty"`
	LimitMs    int64  `json:"limitMs,omitempty"`
	By         string `json:"by,omitempty"`
	EndedAt    string `json:"endedAt"`
	DurationMs int64  `json:"durationMs"`
}

// Info is a process as the API shows it (protocol §4.3).
type Info struct {
	ID          string  `json:"id"`
	Class       string  `json:"class"`
	Name        string  `json:"name"`
	StartedAt   string  `json:"startedAt"`
	StartedAtMs int64   `json:"startedAtMs"`
	Running     bool    `json:"running"`
	Exit        *Record `json:"exit"`
	BytesStdout int64   `json:"bytesStdout"`
	BytesStderr int64   `json:"bytesStderr"`
	Offset      int64   `json:"offset"`
	Dropped     int64   `json:"dropped"`
	Viewers     int     `json:"viewers"`
	StartedBy   string  `json:"startedBy"`
	// BytesStdin were accepted for the process; StdinOpen says that an attach can send more.
	BytesStdin int64 `json:"bytesStdin"`
	StdinOpen  bool  `json:"stdinOpen"`
	TTY        bool  `json:"tty"`
	// Session is the name of the terminal whose shell it is; empty for other processes.
	Session string `json:"session,omitempty"`
}

// cause is why sandboxd ends a process; it decides the record.
type cause struct {
	outcome string
	by      string
	limitMs int64
}

// decide is the record for a process that ended with status. A cause of ours goes before what the status says; killedByUs is set
// when the API was asked to send SIGKILL; claimOOM is asked for a SIGKILL that nothing else explains.
func decide(status syscall.WaitStatus, why *cause, killedByUs bool, claimOOM func() bool) Record {
	switch {
	case why != nil:
		return Record{Outcome: why.outcome, By: why.by, LimitMs: why.limitMs}
	case status.Signaled() && status.Signal() == syscall.SIGKILL && !killedByUs && claimOOM():
		return Record{Outcome: OutOfMem}
	case status.Signaled():
		return Record{Outcome: Signaled, Signal: signalName(status.Signal()), Number: int(status.Signal())}
	}
	code := status.ExitStatus()
	return Record{Outcome: Exited, Code: &code}
}

func notStarted(code int, message string) Record {
	return Record{Outcome: NotStarted, Code: &code, Message: message}
}

// at completes a record with the time.
func (r Record) at(start, end time.Time) *Record {
	r.EndedAt, r.DurationMs = Stamp(end), end.Sub(start).Milliseconds()
	return &r
}

// Stamp writes a time as RFC 3339 with milliseconds, in UTC.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// signalName is the name without SIG, for example KILL; real-time signals are RTMIN+n.
func signalName(s syscall.Signal) string {
	if name := unix.SignalName(s); len(name) > 3 {
		return name[3:]
	}
	return realTimeName(int(s))
}

// Sentence says the outcome in words.
func (r *Record) Sentence() string {
	switch r.Outcome {
	case Exited:
		return fmt.Sprintf("exited with code %d", *r.Code)
	case Signaled:
		return "ended by signal " + r.Signal
	case NotStarted:
		return "not started: " + r.Message
	case TimedOut:
		return fmt.Sprintf("stopped at its time limit of %s", time.Duration(r.LimitMs)*time.Millisecond)
	case Canceled:
		return "canceled by " + r.By
	case OutOfMem:
		return "ended by the kernel: out of memory"
	}
	return r.Outcome
}
