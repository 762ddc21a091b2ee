// Package guard holds calls through the API to the constraints of the sandbox. They are a guard rail: code that runs inside is held by
// the isolation of the pod, not by this.
package guard

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/plan"
	"agenttier.io/images/sandboxd/internal/process"
)

// Guard of one sandbox; nil allows everything.
type Guard struct {
	constraints plan.Constraints
	// paths are absolute and clean.
	paths      []string
	workingDir string
}

// New makes the guard of p; nil when p has no constraints.
func New(p *plan.Plan) *Guard {
	if p.Constraints == nil {
		return nil
	}
	g := &Guard{constraints: *p.Constraints, workingDir: p.WorkingDir}
	for _, restricted := range p.Constraints.RestrictedPaths {
		g.paths = append(g.paths, below(p.Root, restricted))
	}
	return g
}

// Path says why a call may not reach name, an absolute path; nil if it may. A link is judged by where it leads, too.
func (g *Guard) Path(name string) error {
	if g == nil || len(g.paths) == 0 {
		return nil
	}
	for _, candidate := range []string{path.Clean(name), resolved(name)} {
		for _, restricted := range g.paths {
			if candidate == restricted || strings.HasPrefix(candidate, strings.TrimSuffix(restricted, "/")+"/") {
				return fault.Forbidden("%.300q is not open to calls: harness.constraints.restrictedPaths names %s", name, restricted)
			}
		}
	}
	return nil
}

// Whole says why a call may not move or remove name with all that is in it; nil if it may.
func (g *Guard) Whole(name string) error {
	if g == nil {
		return nil
	}
	for _, restricted := range g.paths {
		if strings.HasPrefix(restricted, strings.TrimSuffix(path.Clean(name), "/")+"/") {
			return fault.Forbidden("%.300q is not open to calls as a whole: harness.constraints.restrictedPaths names %s in it", name, restricted)
		}
	}
	return nil
}

// resolved is where name leads as far as it exists.
func resolved(name string) string {
	rest := ""
	for at := path.Clean(name); ; at = path.Dir(at) {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			return path.Join(real, rest)
		}
		if at == "/" || at == "." {
			return path.Clean(name)
		}
		rest = path.Join(path.Base(at), rest)
	}
}

// MaxFileBytes is the most that a file written by a call may have; nil is no limit.
func (g *Guard) MaxFileBytes() *int64 {
	if g == nil {
		return nil
	}
	return g.constraints.MaxFileBytes
}

// Start says why a call may not start request; nil if it may. A command without a time limit gets the longest there is.
func (g *Guard) Start(request *process.Request) error {
	if g == nil {
		return nil
	}
	program := request.Program()
	if slices.Contains(g.constraints.RestrictedCommands, program) {
		return fault.Forbidden("%.100q may not be started by calls: harness.constraints.restrictedCommands names it", program)
	}
	if err := g.Path(below(g.workingDir, request.Cwd)); err != nil {
		return err
	}
	most := g.constraints.MaxCommandTimeoutMs
	if most == 0 || request.Class != "exec" && request.Class != "inv" {
		return nil
	}
	if request.TimeoutMs > most {
		return fault.Forbidden("a time limit of %s is longer than harness.constraints.maxCommandTimeout, %s: ask for less",
			time.Duration(request.TimeoutMs)*time.Millisecond, time.Duration(most)*time.Millisecond)
	}
	if request.TimeoutMs == 0 {
		request.TimeoutMs = most
	}
	return nil
}

func below(folder, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(folder, name)
}
