package start

import (
	"slices"
	"strings"
	"sync"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/plan"
	"agenttier.io/images/sandboxd/internal/process"
)

// maxRuns bounds what is remembered of hooks, maxOccurrence the name of an occurrence.
const (
	maxRuns       = 64
	maxOccurrence = 64
)

// Occurrence is one time that a hook is to run: which hook, and what tells this time from another, empty for one that happens once.
type Occurrence struct {
	Kind       string `json:"kind"`
	Occurrence string `json:"occurrence"`
}

// HookResult says how a hook ended. Exit is nil when the plan has none of that kind.
type HookResult struct {
	Occurrence
	Exit *process.Record `json:"exit"`
	// Tail is the end of what it wrote.
	Tail string `json:"tail"`
}

// Hooks run those of a plan. Each occurrence runs once, however often it is asked for.
type Hooks struct {
	scripts   map[string]string
	limit     time.Duration
	processes *process.Table

	mu    sync.Mutex
	runs  map[Occurrence]*HookRun
	order []Occurrence
}

// HookRun is one occurrence.
type HookRun struct {
	done   chan struct{}
	result HookResult
}

// NewHooks are those of p.
func NewHooks(p *plan.Plan, processes *process.Table) *Hooks {
	return &Hooks{scripts: p.Hooks, limit: p.HookTimeout(), processes: processes, runs: map[Occurrence]*HookRun{}}
}

// has says whether the plan has a hook of that kind.
func (h *Hooks) has(kind string) bool { return h.scripts[kind] != "" }

// Done is closed when the result is known.
func (r *HookRun) Done() <-chan struct{} { return r.done }

// Result is how it ended; only after Done.
func (r *HookRun) Result() HookResult { return r.result }

// Run starts the hook, or finds the run of that occurrence.
func (h *Hooks) Run(asked Occurrence) (*HookRun, error) {
	if !slices.Contains(plan.HookKinds, asked.Kind) || len(asked.Occurrence) > maxOccurrence {
		return nil, fault.Invalid("kind %.40q with an occurrence of %d bytes: expected one of %s, and at most %d bytes",
			asked.Kind, len(asked.Occurrence), strings.Join(plan.HookKinds, ", "), maxOccurrence)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if known := h.runs[asked]; known != nil {
		return known, nil
	}
	if len(h.order) >= maxRuns && !h.forget() {
		return nil, fault.TooManyRequests("%d hooks are running", maxRuns)
	}
	run := &HookRun{done: make(chan struct{}), result: HookResult{Occurrence: asked}}
	script := h.scripts[asked.Kind]
	if script == "" {
		close(run.done)
	} else {
		p, err := begin(h.processes, &process.Request{Class: "hook", Script: script, OnDisconnect: "keep", TimeoutMs: max(1, h.limit.Milliseconds())})
		if err != nil {
			return nil, err
		}
		go run.follow(p)
	}
	h.runs[asked] = run
	h.order = append(h.order, asked)
	return run, nil
}

// forget drops the oldest run that has ended. Called with the lock held.
func (h *Hooks) forget() bool {
	for i, occurrence := range h.order {
		select {
		case <-h.runs[occurrence].done:
			delete(h.runs, occurrence)
			h.order = slices.Delete(h.order, i, i+1)
			return true
		default:
		}
	}
	return false
}

func (r *HookRun) follow(p *process.Process) {
	<-p.Done()
	r.result.Exit = p.Exit()
	tail, err := ends(p.Output)
	if err != nil {
		tail = "its output cannot be read: " + err.Error()
	}
	r.result.Tail = tail
	close(r.done)
}
