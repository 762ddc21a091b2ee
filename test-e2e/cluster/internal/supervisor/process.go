package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	stopTimeout  = 5 * time.Second // SIGTERM to SIGKILL; kube-apiserver would wait for its watches for up to a minute
	pollInterval = 50 * time.Millisecond
)

// process runs one Spec until its context ends.
type process struct {
	spec    Spec
	log     *slog.Logger
	restart chan struct{} // holds one request at most
	ready   chan struct{} // closed at the first good answer of the probe

	mu     sync.Mutex
	status Status
}

func newProcess(spec Spec, log *slog.Logger) *process {
	return &process{
		spec: spec, log: log.With("component", spec.Name), restart: make(chan struct{}, 1), ready: make(chan struct{}),
		status: Status{Name: spec.Name, State: Waiting},
	}
}

// run starts the process once all of after are ready, and again whenever it ends.
func (p *process) run(ctx context.Context, after []*process) {
	for _, other := range after {
		select {
		case <-other.ready:
		case <-ctx.Done():
			return
		}
	}
	go p.awaitReady(ctx)
	var pause time.Duration
	for ctx.Err() == nil {
		started := time.Now()
		asked, err := p.live(ctx)
		if ctx.Err() != nil {
			return
		}
		if asked {
			p.log.Info("restarting as asked")
			pause = 0
			p.update(func(s *Status) { s.Restarts++ })
			continue
		}
		pause = Pause(pause, time.Since(started))
		p.log.Error("component ended", "how", err.Error(), "lived", time.Since(started).Round(time.Millisecond).String(), "startAgainIn", pause.String())
		p.update(func(s *Status) { s.State, s.PID, s.Problem = Dead, 0, "ended: "+err.Error() })
		select {
		case <-time.After(pause):
		case <-p.restart:
		case <-ctx.Done():
		}
		p.update(func(s *Status) { s.Restarts++ })
	}
}

// live runs the process once. asked tells that it was ended by a request to restart it; else err says how it ended.
func (p *process) live(ctx context.Context) (asked bool, err error) {
	output, err := os.OpenFile(p.spec.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return false, err
	}
	defer output.Close()
	cmd := exec.Command(p.spec.Argv[0], p.spec.Argv[1:]...)
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		return false, err
	}
	p.log.Info("component started", "pid", cmd.Process.Pid)
	p.update(func(s *Status) { s.State, s.PID, s.Since, s.Problem = Running, cmd.Process.Pid, time.Now(), "" })
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return false, howEnded(err)
	case <-p.restart:
	case <-ctx.Done():
	}
	stop(cmd.Process, ended)
	return true, nil
}

func stop(running *os.Process, ended <-chan error) {
	// An error means that the process has just ended, which the wait below sees as well.
	_ = running.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(stopTimeout):
		_ = running.Kill()
		<-ended
	}
}

func howEnded(err error) error {
	if err == nil {
		return errors.New("exit code 0, though it should run for ever")
	}
	return err
}

func (p *process) awaitReady(ctx context.Context) {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		if p.snapshot().PID != 0 && p.spec.Probe.Check(ctx) == nil {
			close(p.ready)
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// examine returns the status with the probe's answer of this moment.
func (p *process) examine(ctx context.Context) Status {
	status := p.snapshot()
	if status.State != Running {
		return status
	}
	if err := p.spec.Probe.Check(ctx); err != nil {
		status.State, status.Problem = Failing, err.Error()
	}
	return status
}

func (p *process) askRestart() error {
	if p.snapshot().State == Waiting {
		return fmt.Errorf("component %s has not been started yet", p.spec.Name)
	}
	select {
	case p.restart <- struct{}{}:
	default: // a request is pending: one restart answers both
	}
	return nil
}

func (p *process) snapshot() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

func (p *process) update(change func(*Status)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.status)
}
