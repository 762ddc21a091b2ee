package server

import (
	"os"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/process"
	"agenttier.io/images/sandboxd/internal/spool"
)

// attachTerminal joins the shell of a named session, which is started if there is none (protocol §8).
func (s *Server) attachTerminal(c *call) error {
	if err := checkUpgrade(c.request, upgradeProtocol); err != nil {
		return err
	}
	if c.request.ContentLength != 0 {
		return fault.BadRequest("an attach has no body: send frames after the answer 101")
	}
	wanted, err := s.terminalOf(c)
	if err != nil {
		return err
	}
	stdin, takeover, err := place(c)
	if err != nil {
		return err
	}
	request, err := wanted.Request()
	if err != nil {
		return err
	}
	if err := s.Guard.Start(request); err != nil {
		return err
	}
	p, release, created, err := s.Processes.Terminal(wanted, request, process.Start{By: c.claims.Subject, Own: c.claims.Own})
	if err != nil {
		return err
	}
	defer release()
	v := view{of: spool.Combined, follow: true}
	switch {
	case created:
	case c.query.Has("offset"):
		if v, err = viewOf(c, p); err != nil {
			return err
		}
		v.follow = true
	default:
		v.offset = p.Screenful(wanted.Rows)
		p.Redraw()
	}
	return s.attach(c, p, v, stdin, takeover || created)
}

func (s *Server) terminalOf(c *call) (process.Terminal, error) {
	wanted := process.Terminal{Session: c.query.Get("session"), Shell: s.shell()}
	for name, into := range map[string]*int{"cols": &wanted.Cols, "rows": &wanted.Rows} {
		size, err := number(c, name, 0)
		if err != nil {
			return process.Terminal{}, err
		}
		*into = int(min(size, 1<<20)) // Check tells the range
	}
	seconds, err := number(c, "retentionSeconds", 0)
	if err != nil {
		return process.Terminal{}, err
	}
	wanted.Retention = time.Duration(min(seconds, 1<<30)) * time.Second
	switch altScreen := c.query.Get("altScreen"); altScreen {
	case "", "strip":
	case "keep":
		wanted.KeepAltScreen = true
	default:
		return process.Terminal{}, fault.BadRequest("altScreen %.40q: expected strip or keep", altScreen)
	}
	return wanted, nil
}

// shell is that of the plan, else the better one of the two that images have.
func (s *Server) shell() string {
	if s.Shell != "" {
		return s.Shell
	}
	if info, err := os.Stat("/bin/bash"); err == nil && info.Mode().IsRegular() {
		return "/bin/bash"
	}
	return "/bin/sh"
}
