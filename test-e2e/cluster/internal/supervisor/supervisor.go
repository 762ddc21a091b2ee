package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// ErrUnknown says that a node has no component of that name.
var ErrUnknown = errors.New("no such component")

// Supervisor runs a set of processes.
type Supervisor struct {
	processes []*process
	byName    map[string]*process
}

// New checks the specs: names are unique, and what a process starts after is another one of the set.
func New(specs []Spec, log *slog.Logger) (*Supervisor, error) {
	s := &Supervisor{byName: map[string]*process{}}
	for _, spec := range specs {
		if s.byName[spec.Name] != nil {
			return nil, fmt.Errorf("component %s is listed twice", spec.Name)
		}
		process := newProcess(spec, log)
		s.processes, s.byName[spec.Name] = append(s.processes, process), process
	}
	for _, spec := range specs {
		for _, other := range spec.After {
			if s.byName[other] == nil || other == spec.Name {
				return nil, fmt.Errorf("component %s starts after %q, which is not another component of this node", spec.Name, other)
			}
		}
	}
	return s, nil
}

// Run starts everything and returns when ctx has ended and every process is gone.
func (s *Supervisor) Run(ctx context.Context) {
	var group sync.WaitGroup
	for _, each := range s.processes {
		var after []*process
		for _, name := range each.spec.After {
			after = append(after, s.byName[name])
		}
		group.Go(func() { each.run(ctx, after) })
	}
	group.Wait()
}

// Status examines all processes at once and returns them in the order of their specs.
func (s *Supervisor) Status(ctx context.Context) []Status {
	all := make([]Status, len(s.processes))
	var group sync.WaitGroup
	for i, process := range s.processes {
		group.Go(func() { all[i] = process.examine(ctx) })
	}
	group.Wait()
	return all
}

// Restart ends a process and starts it again at once. It returns when the request is accepted; Status tells the rest.
func (s *Supervisor) Restart(name string) error {
	process := s.byName[name]
	if process == nil {
		return fmt.Errorf("%q: %w", name, ErrUnknown)
	}
	return process.askRestart()
}
