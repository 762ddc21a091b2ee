package server

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime/debug"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/process"
	"agenttier.io/images/sandboxd/internal/spool"
)

func (s *Server) startProcess(c *call) error {
	watch, err := flag(c, "watch")
	if err != nil {
		return err
	}
	attach, err := flag(c, "attach")
	if err != nil {
		return err
	}
	takeover, err := flag(c, "takeover")
	if err != nil {
		return err
	}
	switch {
	case attach && watch:
		return fault.BadRequest("attach and watch are both true: an attach has the output too, leave watch out")
	case takeover && !attach:
		return fault.BadRequest("takeover is for an attach: set attach=true, or leave it out")
	case attach:
		if err := checkUpgrade(c.request, upgradeProtocol); err != nil {
			return err
		}
	}
	request, err := s.readRequest(c)
	if err != nil {
		return err
	}
	p, release, created, err := s.Processes.Start(request, process.Start{By: c.claims.Subject, Own: c.claims.Own})
	if err != nil {
		return err
	}
	defer release()
	if !created {
		c.Header().Set("AgentTier-Joined", "true")
	}
	switch {
	case attach:
		// who starts a process writes to it, even if another was quicker to attach
		return s.attach(c, p, view{of: spool.Combined, follow: true}, request.OpenStdin, takeover || created)
	case watch:
		return s.stream(c, p, view{of: spool.Combined, follow: true})
	case created:
		writeJSON(c, http.StatusCreated, p.Info())
	default:
		writeJSON(c, http.StatusOK, p.Info())
	}
	return nil
}

// readRequest reads and checks the body of a start. Few large ones are read at a time: each takes several times its size of the
// memory that the sandbox's programs have.
func (s *Server) readRequest(c *call) (*process.Request, error) {
	if c.request.ContentLength > process.MaxBody {
		return nil, fault.TooLarge("the body has %d bytes: at most %d", c.request.ContentLength, process.MaxBody)
	}
	if c.request.ContentLength < 0 || c.request.ContentLength > largeBody {
		select {
		case s.large <- struct{}{}:
			defer func() {
				debug.FreeOSMemory() // at once: the memory is the sandbox's
				<-s.large
			}()
		case <-c.request.Context().Done():
			return nil, c.request.Context().Err()
		}
	}
	body := patientBody{http.MaxBytesReader(c, c.request.Body, process.MaxBody), c.control}
	defer body.rest()
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields() // a field that is ignored would be a promise that is not kept
	var request process.Request
	if err := decoder.Decode(&request); err != nil {
		return nil, bodyFault(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.BadRequest("the body has more than one JSON value")
	}
	if err := request.Check(); err != nil {
		return nil, err
	}
	return &request, s.Guard.Start(&request)
}

func bodyFault(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.TooLarge("the body has more than %d bytes", tooLarge.Limit)
	}
	return fault.BadRequest("the body is not a start request: %v", err)
}

func (s *Server) listProcesses(c *call) error {
	items := []process.Info{}
	for _, p := range s.Processes.List() {
		if !c.claims.Own || p.StartedBy == c.claims.Subject {
			items = append(items, p.Info())
		}
	}
	writeJSON(c, http.StatusOK, struct {
		Items []process.Info `json:"items"`
	}{items})
	return nil
}

func (s *Server) showProcess(c *call) error {
	p, err := s.find(c)
	if err != nil {
		return err
	}
	writeJSON(c, http.StatusOK, p.Info())
	return nil
}

func (s *Server) signalProcess(c *call) error {
	p, err := s.find(c)
	if err != nil {
		return err
	}
	if c.query.Has("signal") {
		number, err := process.ParseSignal(c.query.Get("signal"))
		if err != nil {
			return err
		}
		if err := p.Signal(number); err != nil {
			return err
		}
	} else {
		p.Cancel(c.claims.Subject)
	}
	c.WriteHeader(http.StatusNoContent)
	return nil
}

// find returns the process in the path if the token lets the caller see it.
func (s *Server) find(c *call) (*process.Process, error) {
	p, err := s.Processes.Find(c.id)
	if err != nil {
		return nil, err
	}
	if c.claims.Own && p.StartedBy != c.claims.Subject {
		return nil, fault.Forbidden("process %s was started by another user", p.ID)
	}
	return p, nil
}
