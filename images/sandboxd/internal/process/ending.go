package process

import (
	"errors"
	"syscall"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/proctree"
)

const (
	// termGrace is the time between TERM and KILL.
	termGrace = 5 * time.Second
	// killLimit is how long KILL is repeated for what keeps forking or cannot die in the kernel; after it the record is written as
	// soon as the main process is gone.
	killLimit = 10 * time.Second
	// lookAgain bounds the time between two looks at /proc: members whose parent lives end without sandboxd noticing.
	lookAgain = 20 * time.Millisecond
)

// Cancel ends the process and all that it started; by is recorded. Nothing happens when the main process has ended already, or is
// being ended for another cause.
func (p *Process) Cancel(by string) { p.end(cause{outcome: Canceled, by: by}) }

// Signal sends sig to the process group of the main process; nothing happens when that has ended.
func (p *Process) Signal(sig syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		return fault.BadRequest("process %s is no program and takes no signals: cancel it", p.ID)
	}
	if p.pid == 0 || p.reaped {
		return nil
	}
	sent, err := p.host.Reaper.Signal(p.pid, sig)
	if sent && err == nil && sig == syscall.SIGKILL {
		p.askedKill = true
	}
	return err
}

func (p *Process) end(why cause) {
	if p.condemn(why) {
		go func() {
			p.host.endAll(func() ([]int, error) { return p.tree().Members() }, killLimit)
			p.treeGone()
		}()
	}
}

// condemn fixes why the process ends; false when it has ended or another cause came first. The caller then ends the tree and calls
// treeGone.
func (p *Process) condemn(why cause) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil && p.why == nil && p.record == nil {
		p.why = &why
		p.stop()
		return false // there is no tree to end
	}
	if p.pid == 0 || p.reaped || p.why != nil {
		return false
	}
	p.why, p.ending = &why, true
	if p.session != nil {
		_, _ = p.host.Reaper.Signal(p.pid, syscall.SIGHUP) // interactive shells ignore TERM; one that is gone needs neither
	}
	return true
}

func (p *Process) treeGone() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ending = false
	if p.reaped {
		p.hurryStreams()
	}
	p.finishIfDone()
}

// endAll sends TERM to each member once, and after termGrace KILL until none is left, for at most limit.
func (h *Host) endAll(members func() ([]int, error), limit time.Duration) {
	told := map[int]bool{}
	term := func(pid int) {
		if !told[pid] {
			told[pid] = true
			_ = syscall.Kill(pid, syscall.SIGTERM) // gone meanwhile
		}
	}
	if !h.sweep(members, termGrace, term) {
		h.sweep(members, limit, func(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) })
	}
}

// sweep calls act for each member, again and again, until none is left (true) or the time is over.
func (h *Host) sweep(members func() ([]int, error), limit time.Duration, act func(pid int)) bool {
	over := make(chan struct{})
	timer := h.Clock.AfterFunc(limit, func() { close(over) })
	defer timer.Stop()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for {
		reaped := h.Reaper.Reaped()
		if pids, err := members(); err == nil && signalEach(pids, act) == 0 {
			return true
		}
		select {
		case <-over:
			return false
		case <-reaped:
		case <-again.C:
		}
	}
}

// signalEach calls act for those of pids that may be signalled at all, and counts them.
func signalEach(pids []int, act func(pid int)) (left int) {
	for _, pid := range pids {
		if errors.Is(syscall.Kill(pid, 0), syscall.EPERM) {
			continue
		}
		left++
		act(pid)
	}
	return left
}

// tree names the leader as long as its number cannot belong to another process of ours.
func (p *Process) tree() proctree.Tree {
	p.mu.Lock()
	defer p.mu.Unlock()
	tree := proctree.Tree{Leader: p.pid, ID: p.ID}
	if p.reaped && p.host.Reaper.Runs(p.pid) {
		tree.Leader = 0
	}
	return tree
}
