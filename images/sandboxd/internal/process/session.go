package process

import (
	"regexp"
	"sync"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/spool"
	"golang.org/x/sys/unix"
)

const (
	// maxRetention is as long as records are kept.
	maxRetention = keepEnded
	// maxReplay bounds what one who comes without an offset is shown of the past.
	maxReplay = 64 << 10
	// maxLines is how many beginnings of lines are known, more than screens have.
	maxLines = 200
)

var sessionName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Terminal is what is asked of a named session: the shell that is there, or else a new one.
type Terminal struct {
	Session string
	// Shell is the program, run as a login shell.
	Shell string
	// Cols and Rows, 0 for the default.
	Cols, Rows int
	// KeepAltScreen leaves programs their alternate screen; else what they show goes into the scrollback.
	KeepAltScreen bool
	// Retention is how long the shell is kept without a viewer.
	Retention time.Duration
}

// Request is the start of a new shell for t. A 422 says what is wrong with t.
func (t Terminal) Request() (*Request, error) {
	switch {
	case !sessionName.MatchString(t.Session):
		return nil, fault.Invalid("session %.80q: expected 1 to 63 of a-z 0-9 -, the first and last a letter or digit", t.Session)
	case t.Retention <= 0 || t.Retention > maxRetention:
		return nil, fault.Invalid("retention %s: expected more than 0 and at most %s", t.Retention, maxRetention)
	}
	request := &Request{Class: "term", Argv: []string{t.Shell}, OpenStdin: true, TTY: true, Cols: t.Cols, Rows: t.Rows}
	return request, request.Check()
}

// sessions are the terminals by name. An entry whose process has ended is one that is not there.
type sessions struct {
	mu     sync.Mutex
	byName map[string]*Process
}

// Terminal returns the running shell of a session, or starts request, which is that of t, with a viewer attached until release is called.
func (t *Table) Terminal(wanted Terminal, request *Request, how Start) (p *Process, release func(), created bool, err error) {
	t.sessions.mu.Lock()
	defer t.sessions.mu.Unlock()
	if p := t.sessions.byName[wanted.Session]; p != nil && p.Exit() == nil {
		if how.Own && p.StartedBy != how.By {
			return nil, nil, false, fault.Forbidden("session %q was started by another user: choose another name", wanted.Session)
		}
		p.retain(wanted.Retention)
		return p, p.Attach(), false, nil
	}
	p, release, created, err = t.start(request, how, &session{name: wanted.Session, retention: wanted.Retention, strips: !wanted.KeepAltScreen})
	if err != nil {
		return nil, nil, false, err
	}
	for name, other := range t.sessions.byName {
		if other.Exit() != nil {
			delete(t.sessions.byName, name)
		}
	}
	if t.sessions.byName == nil {
		t.sessions.byName = map[string]*Process{}
	}
	t.sessions.byName[wanted.Session] = p
	return p, release, created, nil
}

func (p *Process) retain(retention time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.session.retention = retention
}

// session is what a terminal has beyond a process with a terminal.
type session struct {
	name string
	// retention is guarded by the lock of the process.
	retention time.Duration
	strips    bool
	filter    altScreen

	mu sync.Mutex
	// lines are offsets at which lines of the output begin, the last ones; next is where the next goes.
	lines [maxLines]int64
	next  int
}

// shown is what viewers get of bytes; only valid until the next call.
func (s *session) shown(bytes []byte) []byte {
	if !s.strips {
		return bytes
	}
	return s.filter.strip(bytes)
}

func (s *session) rest() []byte { return s.filter.rest() }

// note remembers where lines begin in bytes that are about to be appended at offset.
func (s *session) note(offset int64, bytes []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, b := range bytes {
		if b == '\n' {
			s.lines[s.next%maxLines] = offset + int64(i) + 1
			s.next++
		}
	}
}

// lineBack is where the line begins that is count lines above the last one; the oldest that is known if there are fewer.
func (s *session) lineBack(count int) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	count = min(count, maxLines-1)
	if s.next <= count {
		return 0
	}
	return s.lines[(s.next-1-count)%maxLines]
}

// Screenful is the offset from which one who comes to a session sees about its last screen of rows lines.
func (p *Process) Screenful(rows int) int64 {
	end, first := p.Output.EndOf(spool.Combined), p.Output.FirstOf(spool.Combined)
	if p.session == nil {
		return first
	}
	if rows == 0 {
		rows = defaultRows
	}
	return max(first, end-maxReplay, p.session.lineBack(rows-1))
}

// Redraw asks the foreground programs of the terminal to draw their screen again, which one who has just come may have only a part of.
func (p *Process) Redraw() {
	p.mu.Lock()
	terminal := p.terminal
	p.mu.Unlock()
	if terminal == nil {
		return
	}
	raw, err := terminal.SyscallConn()
	if err != nil {
		return // closed: it has ended
	}
	_ = raw.Control(func(fd uintptr) { // as above
		if group, err := unix.IoctlGetInt(int(fd), unix.TIOCGPGRP); err == nil && group > 1 {
			_ = unix.Kill(-group, unix.SIGWINCH) // it may have gone
		}
	})
}
