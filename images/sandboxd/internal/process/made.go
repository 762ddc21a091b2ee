package process

import (
	"context"
	"fmt"
	"io"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/spool"
)

// maxMade bounds the processes of a class made by sandboxd itself that run at the same time: each takes its memory.
const maxMade = 4

// Making is a process that is no program: sandboxd itself makes its output.
type Making struct {
	Class string
	// Name is shown in lists.
	Name string
	// By is the user, recorded as startedBy.
	By string
	// Limit is the longest it may take, Patience the longest it may be without a viewer.
	Limit, Patience time.Duration
	// Make writes the output, and returns an error if that is not whole. It ends soon after ctx does; what it writes then is thrown away.
	Make func(ctx context.Context, stdout, stderr io.Writer) error
}

// Make starts the making and returns its process, with a viewer attached until release is called. The output waits for its reader. What
// Make returns becomes the record: exited with code 0, or 1 and the error on stderr.
func (t *Table) Make(making Making) (p *Process, release func(), err error) {
	ctx, cancel := context.WithCancel(context.Background())
	p = &Process{
		Class: making.Class, StartedBy: making.By, Output: t.host.Spool.NewOutput(true),
		host: t.host, name: making.Name, started: t.host.Clock.Now(),
		cancels: true, patience: making.Patience, onEnd: t.noteEnd, done: make(chan struct{}),
		childEnd: -1, input: newInput(nil, false),
	}
	p.stop = func() {
		cancel()
		p.Output.Abandon()
	}
	if running := t.runningOf(making.Class); running >= maxMade {
		cancel()
		return nil, nil, fault.TooManyRequests("%d processes of class %s are running in this sandbox, at most %d may: wait for one to end, or cancel one", running, making.Class, maxMade)
	}
	if _, err := t.add(p, &Request{Class: making.Class}, Start{By: making.By}); err != nil {
		cancel()
		return nil, nil, err
	}
	release = p.Attach()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = t.host.Clock.AfterFunc(making.Limit, func() { p.end(cause{outcome: TimedOut, limitMs: making.Limit.Milliseconds()}) })
	go p.make(ctx, making)
	return p, release, nil
}

// runningOf counts the processes of a class without a record.
func (t *Table) runningOf(class string) (running int) {
	for _, p := range t.List() {
		if p.Class == class && p.Exit() == nil {
			running++
		}
	}
	return running
}

func (p *Process) make(ctx context.Context, making Making) {
	code, err := 0, making.Make(ctx, madeOutput{ctx, p.Output, spool.Stdout}, madeOutput{ctx, p.Output, spool.Stderr})
	if err != nil {
		code = 1
		p.Output.Append(spool.Stderr, fmt.Appendln(nil, err))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why != nil {
		p.finish(Record{Outcome: p.why.outcome, By: p.why.by, LimitMs: p.why.limitMs})
		return
	}
	p.finish(Record{Outcome: Exited, Code: &code})
	p.stop()
}

// madeOutput appends to one stream until the making is stopped.
type madeOutput struct {
	ctx    context.Context
	output *spool.Output
	stream spool.Stream
}

func (m madeOutput) Write(bytes []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	m.output.Append(m.stream, bytes)
	return len(bytes), m.ctx.Err()
}
