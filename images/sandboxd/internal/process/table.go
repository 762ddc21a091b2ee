package process

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/proctree"
)

const (
	// maxRunning bounds processes that run at the same time; each may take memory for its output.
	maxRunning = 512
	// maxEnded and keepEnded say how many ended processes are kept, and for how long.
	maxEnded  = 1000
	keepEnded = 24 * time.Hour
	// closeLimit bounds each step after KILL when the sandbox ends.
	closeLimit = 3 * time.Second
)

// Table holds the processes of this incarnation.
type Table struct {
	host *Host

	mu      sync.Mutex
	byID    map[string]*Process
	order   []*Process // as started
	ended   []*Process // as ended
	running int
	invokes int // those of running that are of class inv
	// configured is the latest configuration that anybody has told of.
	configured int64
	closed     bool

	sessions sessions
}

// NewTable makes an empty table.
func NewTable(host *Host) *Table { return &Table{host: host, byID: map[string]*Process{}} }

// Start options beside the request.
type Start struct {
	// By is the user, recorded as startedBy.
	By string
	// Mirror also writes the output to the container's log.
	Mirror bool
	// Own refuses to join a process that another user started.
	Own bool
	// Settle is called once with how the process ended, before anybody can know of that: what it does is done when the record is there.
	// It may block. It is not called when nothing is started.
	Settle func(Record)
}

// Start runs a request that Check found good and returns its process, with a viewer attached until release is called. When a
// process of that name or key exists with the same request, that one is returned and created is false; with another request it is 422.
func (t *Table) Start(request *Request, how Start) (p *Process, release func(), created bool, err error) {
	return t.start(request, how, nil)
}

func (t *Table) start(request *Request, how Start, of *session) (p *Process, release func(), created bool, err error) {
	p = &Process{
		Class: request.Class, StartedBy: how.By, Output: t.host.Spool.NewOutput(request.OnFull == "wait"),
		host: t.host, name: request.Program(), started: t.host.Clock.Now(), hash: request.hash(),
		cancels: request.OnDisconnect != "keep", onEnd: t.noteEnd, done: make(chan struct{}),
		patience: t.host.DisconnectGrace, session: of, settle: how.Settle, tty: request.TTY, childEnd: -1, input: newInput(request.Stdin, request.OpenStdin),
	}
	existing, err := t.add(p, request, how)
	if err != nil {
		return nil, nil, false, err
	}
	if existing != nil {
		return existing, existing.Attach(), false, nil
	}
	release = p.Attach()
	p.start(request, how.Mirror)
	return p, release, true, nil
}

// add gives p its id and its place, or returns the one that has its name or key already.
func (t *Table) add(p *Process, request *Request, how Start) (existing *Process, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id, chosen := idOf(request, t.host.Incarnation)
	p.ID = id
	if existing := t.byID[id]; chosen && existing != nil {
		return existing, t.join(existing, p, how)
	}
	switch {
	case t.closed:
		return nil, fault.Unavailable("the sandbox is being stopped: nothing new is started")
	case request.Configured > 0 && request.Configured < t.configured:
		return nil, outdated(request.Configured, t.configured)
	case request.Cap > 0 && t.invokes >= request.Cap:
		return nil, overCap(request.Cap, t.invokes)
	case t.running >= maxRunning:
		return nil, fault.TooManyRequests("%d processes are running in this sandbox, at most %d may: wait for one to end, or cancel one", t.running, maxRunning)
	}
	t.running++
	t.configured = max(t.configured, request.Configured)
	if p.Class == classInvoke {
		t.invokes++
	}
	t.byID[p.ID] = p
	t.order = append(t.order, p)
	return nil, nil
}

func (t *Table) join(existing, p *Process, how Start) error {
	switch {
	case how.Own && existing.StartedBy != how.By:
		return fault.Forbidden("process %s was started by another user: choose another name or key", p.ID)
	case existing.hash != p.hash:
		return fault.Invalid("process %s was started with a different request: choose another name or key, or repeat that request exactly", p.ID)
	}
	return nil
}

// Configured tells that this configuration is in force: who knows only an earlier one starts no invoke from here on.
func (t *Table) Configured(configuration int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.configured = max(t.configured, configuration)
}

func outdated(known, latest int64) error {
	return fault.Conflict("the agent has been configured anew: the caller knows configuration %d, the latest is %d", known, latest).
		With("AgentTier-Configured", strconv.FormatInt(latest, 10))
}

func overCap(limit, inflight int) error {
	return fault.TooManyRequests("%d invokes are running in this sandbox, at most %d may: wait for one to end", inflight, limit).
		With("Retry-After", "5").With("AgentTier-Limit", strconv.Itoa(limit)).With("AgentTier-Inflight", strconv.Itoa(inflight))
}

// noteEnd is called by a process, under its own lock, when its record is written.
func (t *Table) noteEnd(p *Process) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
	if p.Class == classInvoke {
		t.invokes--
	}
	t.ended = append(t.ended, p)
	t.prune()
}

// prune forgets what is kept no longer. The oldest ended are the first to go; Process.ended was written
// before the process got into the list and never changes, so its own lock is not needed. Called with the lock held.
func (t *Table) prune() {
	oldest := t.host.Clock.Now().Add(-keepEnded)
	for len(t.ended) > maxEnded || len(t.ended) > 0 && t.ended[0].ended.Before(oldest) {
		gone := t.ended[0]
		t.ended[0] = nil
		t.ended = t.ended[1:]
		delete(t.byID, gone.ID)
		if i := slices.Index(t.order, gone); i >= 0 {
			t.order = slices.Delete(t.order, i, i+1)
		}
		gone.Output.Release()
	}
}

// Find returns the process of an id or a bare name: 404 when there is none, 410 when it belonged to another incarnation.
func (t *Table) Find(text string) (*Process, error) {
	id, err := resolve(text, t.host.Incarnation)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.prune()
	if p := t.byID[id]; p != nil {
		return p, nil
	}
	return nil, fault.NotFound("process %s is not known: it was never started, or ended more than %d h or %d processes ago", id, int(keepEnded.Hours()), maxEnded)
}

// List returns all processes, the one started first at the front.
func (t *Table) List() []*Process {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.prune()
	return slices.Clone(t.order)
}

// Counts are the processes without a record, who watches any, and how many of the running ones are invokes.
func (t *Table) Counts() (running, viewers, invokes int) {
	for _, p := range t.List() {
		p.mu.Lock()
		if p.record == nil {
			running++
			if p.Class == classInvoke {
				invokes++
			}
		}
		viewers += p.viewers
		p.mu.Unlock()
	}
	return running, viewers, invokes
}

// Close refuses further starts and ends everything that was ever started here, what ended processes left in the background included:
// TERM, 5 s, KILL. It returns when the records are written, or says which is not after a limit.
func (t *Table) Close(by string) error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	processes := t.List()
	var condemned []*Process
	for _, p := range processes {
		if p.condemn(cause{outcome: Canceled, by: by}) {
			condemned = append(condemned, p)
		}
	}
	t.host.endAll(proctree.Descendants, closeLimit)
	for _, p := range condemned {
		p.treeGone()
	}
	over := make(chan struct{})
	timer := t.host.Clock.AfterFunc(closeLimit, func() { close(over) })
	defer timer.Stop()
	for _, p := range processes {
		select {
		case <-p.Done():
		case <-over:
			return fmt.Errorf("the record of process %s is not written: its output could not be kept, or the kernel does not let it go", p.ID)
		}
	}
	return nil
}
