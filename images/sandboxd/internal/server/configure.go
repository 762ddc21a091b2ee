package server

import (
	"bufio"
	"errors"
	"io"
	"net/http"

	"agenttier.io/images/sandboxd/internal/configure"
	"agenttier.io/images/sandboxd/internal/process"
	"agenttier.io/images/sandboxd/internal/spool"
)

// configure puts an agent's files in place and runs its install, whose output is the answer.
func (s *Server) configure(c *call) error {
	body := patientBody{c.request.Body, c.control}
	install, release, err := s.takeConfigure(c, body)
	if err != nil {
		// Told at once, whatever is still to come of the body; that has no longer than its next piece would have had. A connection on which
		// something may still come serves no other call.
		c.Header().Set("Connection", "close")
		return errors.Join(err, c.control.EnableFullDuplex())
	}
	body.rest()
	if install == nil {
		writeJSON(c, http.StatusOK, struct{}{})
		return nil
	}
	defer release()
	return s.stream(c, install, view{of: spool.Combined, follow: true})
}

// noteConfigured is told once a configuration has been recorded outside.
func (s *Server) noteConfigured(c *call) error {
	configuration, err := number(c, "configuration", 0)
	if err != nil {
		return err
	}
	s.Processes.Configured(configuration)
	c.WriteHeader(http.StatusNoContent)
	return nil
}

// takeConfigure reads the body. install is nil when there is none.
func (s *Server) takeConfigure(c *call, from io.Reader) (install *process.Process, release func(), err error) {
	body := bufio.NewReader(from)
	request, err := configure.Read(body, c.request.ContentLength)
	if err != nil {
		return nil, nil, err
	}
	start := request.Install()
	if start != nil {
		if err := start.Check(); err != nil {
			return nil, nil, err
		}
		if err := s.Guard.Start(start); err != nil {
			return nil, nil, err
		}
	}
	how := process.Start{By: c.claims.Subject, Own: c.claims.Own}
	turn, joined, release, err := s.Configuration.Begin(request, how)
	if err != nil {
		return nil, nil, err
	}
	if joined != nil {
		if err := request.Skip(body); err != nil {
			release()
			return nil, nil, err
		}
		return joined, release, nil
	}
	if err := turn.Place(body); err != nil {
		return nil, nil, err
	}
	if start == nil {
		return nil, nil, turn.Keep()
	}
	return turn.Install(start, how)
}
