package process

import "sync"

// Attach counts a viewer, a watch or a log that follows, until release is called. While there is one, the process is not cancelled
// for want of a reader.
func (p *Process) Attach() (release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.viewers++
	p.stopGrace()
	return sync.OnceFunc(p.detach)
}

func (p *Process) detach() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.viewers--
	p.startGrace()
}

// startGrace begins the time within which a viewer has to come. Called with the lock held.
func (p *Process) startGrace() {
	if !p.cancels || p.viewers > 0 || p.record != nil {
		return
	}
	limit, by := p.patience, "disconnect"
	if p.session != nil {
		limit, by = p.session.retention, "retention"
	}
	p.graceRound++
	round := p.graceRound
	p.grace = p.host.Clock.AfterFunc(limit, func() {
		p.mu.Lock()
		alone := p.viewers == 0 && p.graceRound == round
		p.mu.Unlock()
		if alone {
			p.end(cause{outcome: Canceled, by: by})
		}
	})
}

// stopGrace is called with the lock held.
func (p *Process) stopGrace() {
	p.graceRound++
	if p.grace != nil {
		p.grace.Stop()
		p.grace = nil
	}
}
