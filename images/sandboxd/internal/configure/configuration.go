package configure

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/files"
	"agenttier.io/images/sandboxd/internal/process"
)

// Configuration of the agent of one sandbox.
type Configuration struct {
	tree      *files.Tree
	processes *process.Table
	warn      func(error)

	mu sync.Mutex
	// busy: somebody has the turn; writing: and has not started an install.
	busy, writing bool
	// install is the last one that was started, for digest; nil when there is none, or the last configure had only files.
	install *process.Process
	digest  string
}

// New makes that of tree, whose installs are processes of a table. warn is told what no answer can tell.
func New(tree *files.Tree, processes *process.Table, warn func(error)) *Configuration {
	return &Configuration{tree: tree, processes: processes, warn: warn}
}

// Recover undoes what an earlier sandboxd began on this volume and could not end. Whatever stands there, it only warns.
func (c *Configuration) Recover() {
	s, err := openStore(c.tree, false)
	if known, ok := errors.AsType[*fault.Error](err); ok && known.Status == 404 {
		return
	}
	if err == nil {
		defer s.close()
		if err = s.clear(c.warn); err == nil {
			s.leave()
		}
	}
	if err != nil {
		c.warn(fmt.Errorf("undoing a configure that did not end: %w", err))
	}
}

// Begin takes the turn for request, or returns the process of an install that is the same and has not failed, with a viewer attached
// until release is called. 409 while another has the turn.
func (c *Configuration) Begin(request *Request, how process.Start) (turn *Turn, joined *process.Process, release func(), err error) {
	names, err := request.names(c.tree)
	if err != nil {
		return nil, nil, nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.writing && c.holds(request.Digest) {
		if how.Own && c.install.StartedBy != how.By {
			return nil, nil, nil, fault.Forbidden("process %s, the install of the same, was started by another user", c.install.ID)
		}
		return nil, c.install, c.install.Attach(), nil
	}
	switch {
	case c.writing:
		return nil, nil, nil, fault.Conflict("another configure is under way, its files are being written: wait for it to end")
	case c.busy:
		return nil, nil, nil, fault.Conflict("another configure is under way, its install is process %s: wait for it to end, or cancel it", c.install.ID)
	}
	c.busy, c.writing = true, true
	return &Turn{configuration: c, request: request, names: names}, nil, nil, nil
}

// holds says whether the last install is that of digest, runs or succeeded, and is still known. Called with the lock held.
func (c *Configuration) holds(digest string) bool {
	if c.install == nil || c.digest != digest {
		return false
	}
	if _, err := c.processes.Find(c.install.ID); err != nil {
		return false
	}
	exit := c.install.Exit()
	return exit == nil || succeeded(exit)
}

func succeeded(exit *process.Record) bool { return exit.Outcome == process.Exited && *exit.Code == 0 }

// Turn is one configure: Place, then Keep or Install. One that fails has put everything back and ended the turn.
type Turn struct {
	configuration *Configuration
	request       *Request
	names         []string
	// store is nil without files, and until what was there before is cleared away.
	store   *store
	journal *journal
	// begun counts the files whose writing has begun.
	begun int
}

// Place writes the files, whose bytes are body.
func (t *Turn) Place(body io.Reader) error {
	if err := t.place(body); err != nil {
		return t.giveUp(err)
	}
	return nil
}

func (t *Turn) place(body io.Reader) error {
	if len(t.names) == 0 {
		return atEnd(body)
	}
	c := t.configuration
	s, err := openStore(c.tree, true)
	if err != nil {
		return err
	}
	if err := s.clear(c.warn); err != nil {
		s.close()
		return fault.Conflict("what an earlier configure left cannot be undone: %v", err)
	}
	t.store = s
	if t.journal, err = t.store.save(t.names); err != nil {
		return err
	}
	if err := t.store.write(t.journal); err != nil {
		return err
	}
	for i, file := range t.request.Files {
		t.begun++
		if _, err := c.tree.Replace(file.Path, contentOf(body, i, file), files.Write{Temporary: t.journal.Temporary}); err != nil {
			return err
		}
	}
	return atEnd(body)
}

// Keep ends a turn without an install.
func (t *Turn) Keep() error {
	if err := t.keep(); err != nil {
		return t.giveUp(err)
	}
	t.end(func(c *Configuration) { c.install = nil })
	return nil
}

// Install starts the install and returns its process, with a viewer attached until release is called. The turn ends with it, before its
// record can be seen.
func (t *Turn) Install(request *process.Request, how process.Start) (p *process.Process, release func(), err error) {
	how.Settle = t.settle
	c := t.configuration
	c.mu.Lock()
	p, release, _, err = c.processes.Start(request, how)
	if err == nil {
		c.writing, c.install, c.digest = false, p, t.request.Digest // under the lock that settle needs, so that no later one is overwritten
	}
	c.mu.Unlock()
	if err != nil {
		return nil, nil, t.giveUp(err)
	}
	return p, release, nil
}

func (t *Turn) settle(exit process.Record) {
	var err error
	if succeeded(&exit) {
		err = t.keep()
	} else {
		err = t.undo()
	}
	if err != nil {
		t.configuration.warn(fmt.Errorf("after an install that %s: %w", exit.Sentence(), err))
	}
	t.end(func(*Configuration) {})
}

// giveUp undoes what was done and ends the turn. It returns why, with what could not be undone.
func (t *Turn) giveUp(why error) error {
	if err := t.undo(); err != nil {
		t.configuration.warn(err)
		told := *fault.From(why)
		told.Message += "; and " + err.Error()
		why = &told
	}
	t.end(func(*Configuration) {})
	return why
}

func (t *Turn) keep() error {
	if t.store == nil {
		return nil
	}
	return t.store.forget()
}

// undo leaves files alone whose writing has not begun: others may have changed them meanwhile.
func (t *Turn) undo() error {
	if t.store == nil {
		return nil
	}
	if t.journal == nil {
		return t.store.sweep() // nothing was written
	}
	t.journal.Entries = t.journal.Entries[:t.begun]
	return t.store.undo(t.journal)
}

// end lets the next have the turn.
func (t *Turn) end(change func(*Configuration)) {
	if t.store != nil {
		t.store.leave()
		t.store.close()
	}
	c := t.configuration
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
	c.busy, c.writing = false, false
}
