// Package process starts processes, keeps what they write, ends them with all that they started, and records exactly how they ended.
package process

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"agenttier.io/images/sandboxd/internal/clock"
	"agenttier.io/images/sandboxd/internal/oom"
	"agenttier.io/images/sandboxd/internal/reaper"
	"agenttier.io/images/sandboxd/internal/spool"
	"golang.org/x/sys/unix"
)

// Host is what processes need of the pod around them.
type Host struct {
	Incarnation string
	// WorkingDir is where a process runs when its request names no folder, and what a relative one is relative to.
	WorkingDir string
	// Env is the container's environment without the key and without what is for the agent.
	Env []string
	// AgentEnv goes over Env for the classes of an agent.
	AgentEnv        map[string]string
	DisconnectGrace time.Duration
	Clock           clock.Clock
	Reaper          *reaper.Reaper
	Spool           *spool.Spool
	OOM             *oom.Ledger
	// Null is /dev/null, the stdin of who gets none.
	Null *os.File
}

// Process is one start, its output and its record.
type Process struct {
	ID        string
	Class     string
	StartedBy string
	Output    *spool.Output

	host    *Host
	name    string
	started time.Time
	hash    [sha256.Size]byte
	// cancels says that nobody watching for the grace time ends the process.
	cancels bool
	// session is set for a terminal of Table.Terminal.
	session *session
	onEnd   func(*Process)
	// patience is how long a process that cancels may be without a viewer.
	patience time.Duration
	// stop ends the making of a process that is no program; nil for programs.
	stop func()
	// settle comes before the record; nil for nothing.
	settle func(Record)
	done   chan struct{}

	mu  sync.Mutex
	pid int
	// what still has to happen before the record is written: the main process reaped, the streams drained, an ending tree gone.
	reaped    bool
	streams   map[*stream]bool
	ending    bool
	status    syscall.WaitStatus
	why       *cause
	askedKill bool
	decided   bool // how it ended; the record follows
	record    *Record
	// oomMark says which kills by the kernel are of before its start.
	oomMark int64
	// ended is when record was written.
	ended time.Time

	// tty was asked for; terminal is our end of it, childEnd the other, which stays open until the main process has ended: one that
	// closes its own and opens /dev/tty again must not find it hung up. -1 when there is none.
	tty      bool
	terminal *os.File
	childEnd int

	input   *input
	limit   clock.Timer
	viewers int
	grace   clock.Timer
	// graceRound tells a grace timer that has fired already whether it still counts.
	graceRound int
}

// Info is the process as it is now.
func (p *Process) Info() Info {
	p.mu.Lock()
	defer p.mu.Unlock()
	bytesStdin, stdinOpen := p.input.state()
	info := Info{
		ID: p.ID, Class: p.Class, Name: p.name, StartedAt: Stamp(p.started), StartedAtMs: p.started.UnixMilli(),
		Running: p.record == nil, Exit: p.record,
		BytesStdout: p.Output.EndOf(spool.OnlyStdout), BytesStderr: p.Output.EndOf(spool.OnlyStderr),
		Offset: p.Output.EndOf(spool.Combined), Dropped: p.Output.FirstOf(spool.Combined),
		Viewers: p.viewers, StartedBy: p.StartedBy,
		BytesStdin: bytesStdin, StdinOpen: stdinOpen, TTY: p.tty,
	}
	if p.session != nil {
		info.Session = p.session.name
	}
	return info
}

// Exit is the record, nil while the process runs.
func (p *Process) Exit() *Record {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.record
}

// Done is closed once the record is written.
func (p *Process) Done() <-chan struct{} { return p.done }

// start runs the request. Whatever happens becomes the record of p, never an error.
func (p *Process) start(request *Request, mirror bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	argv := request.command()
	cwd := p.host.WorkingDir
	if request.Cwd != "" {
		cwd = request.Cwd
		if !filepath.IsAbs(cwd) {
			cwd = filepath.Join(p.host.WorkingDir, cwd)
		}
	}
	env := environment(p.host.envOf(p.Class), request.Env, p.ID)
	if _, set := lookup(env, "TERM"); request.TTY && !set {
		env = append(env, "TERM="+defaultTerm)
	}
	program, refusal := find(argv[0], cwd, env, request.Script != "")
	if p.session != nil {
		argv = []string{"-" + filepath.Base(argv[0])} // what makes a shell a login shell (login(1))
	}
	if refusal != nil {
		p.finish(*refusal)
		return
	}
	ends, err := openEnds(p.host.Null, request)
	if err != nil {
		p.finish(*refuse(codeOther, "stdin and output of %s: %s", argv[0], err))
		return
	}
	p.oomMark = p.host.OOM.Mark()
	attr := &syscall.ProcAttr{Dir: cwd, Env: env, Files: ends.child[:], Sys: &syscall.SysProcAttr{Setsid: true, Setctty: request.TTY}}
	pid, err := p.host.Reaper.Start(program, argv, attr, p.exited)
	ends.closeChild()
	if err != nil {
		ends.closeOurs()
		p.finish(*explain(program, cwd, err))
		return
	}
	p.pid = pid
	p.terminal, p.childEnd = ends.terminal, ends.kept
	p.streams = map[*stream]bool{}
	for kind, file := range ends.output {
		s := &stream{process: p, kind: spool.Stream(kind), from: file, terminal: request.TTY, session: p.session}
		if mirror {
			s.mirror = [...]*os.File{os.Stdout, os.Stderr}[kind]
		}
		p.streams[s] = true
		go s.pump()
	}
	if ends.feed != nil {
		p.input.connect(ends.feed, ends.rest)
		go p.input.feed(request.TTY)
	}
	if request.TimeoutMs > 0 {
		why := cause{outcome: TimedOut, limitMs: request.TimeoutMs}
		p.limit = p.host.Clock.AfterFunc(time.Duration(request.TimeoutMs)*time.Millisecond, func() { p.end(why) })
	}
}

// exited takes the status of the main process. It is called by the reaper and must not block; p.mu is only held briefly, except by
// start, which forks under it.
func (p *Process) exited(status syscall.WaitStatus) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reaped, p.status = true, status
	if p.childEnd >= 0 {
		unix.Close(p.childEnd)
		p.childEnd = -1
	}
	if !p.ending {
		p.hurryStreams()
	}
	p.finishIfDone()
}

// drained is called by each stream when all that counts as output of this process has been read.
func (p *Process) drained(s *stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.streams, s)
	p.finishIfDone()
}

// hurryStreams gives streams that somebody still holds open little time. Called with the lock held, once.
func (p *Process) hurryStreams() {
	for s := range p.streams {
		s.hurry()
	}
}

func (p *Process) finishIfDone() {
	if !p.decided && p.reaped && len(p.streams) == 0 && !p.ending {
		p.finish(decide(p.status, p.why, p.askedKill, func() bool { return p.host.OOM.Claim(p.oomMark) }))
	}
}

// finish decides on the record, which is written when what has to come before is settled. Called with the lock held.
func (p *Process) finish(r Record) {
	p.decided = true
	r = *r.at(p.started, p.host.Clock.Now())
	if p.settle == nil {
		p.write(r)
		return
	}
	go func() { // not here: the reaper waits for nobody
		p.settle(r)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.write(r)
	}()
}

// write writes the record. Called with the lock held.
func (p *Process) write(r Record) {
	p.ended = p.host.Clock.Now()
	p.record = &r
	if p.limit != nil {
		p.limit.Stop()
	}
	p.stopGrace()
	p.input.stop()
	p.Output.End()
	p.onEnd(p) // before anybody knows: who waited for the end finds the place free
	close(p.done)
}
