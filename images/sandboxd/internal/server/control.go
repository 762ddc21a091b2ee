package server

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/process"
	"agenttier.io/images/sandboxd/internal/start"
)

// What the controller asks: how the sandbox is used, its hooks, and to tell those who are in it what is coming.

const maxControlBody = 16 << 10

type report struct {
	Running int `json:"running"`
	Viewers int `json:"viewers"`
	// Invokes are the running ones.
	Invokes        int    `json:"invokes"`
	InUse          bool   `json:"inUse"`
	LastActivity   string `json:"lastActivity"`
	LastActivityMs int64  `json:"lastActivityMs"`
	// Start is starting, ready or stopping.
	Start  string             `json:"start"`
	Tools  []start.ToolResult `json:"tools"`
	Notice *notice            `json:"notice"`
}

// report tells the controller whether the sandbox is used and what its start came to. A process with a client attached and a running
// invoke are use that goes on.
func (s *Server) report(c *call) error {
	running, viewers, invokes := s.Processes.Counts()
	inUse := viewers > 0 || invokes > 0
	if inUse {
		s.touch()
	}
	last := s.lastActivity.Load()
	present, _ := s.notices.read()
	answer := report{
		Running: running, Viewers: viewers, Invokes: invokes, InUse: inUse,
		LastActivity: process.Stamp(time.UnixMilli(last)), LastActivityMs: last,
		Start: s.startState(), Tools: []start.ToolResult{}, Notice: present,
	}
	if answer.Start != "starting" && s.Tools != nil {
		answer.Tools = append(answer.Tools, s.Tools()...)
	}
	writeJSON(c, http.StatusOK, answer)
	return nil
}

func (s *Server) startState() string {
	select {
	case <-s.Stopping:
		return "stopping"
	default:
	}
	select {
	case <-s.Ready:
		return "ready"
	default:
		return "starting"
	}
}

// runHook runs a hook of the start plan and answers when it has ended. Asked again for the same occurrence it is the same run.
func (s *Server) runHook(c *call) error {
	var asked start.Occurrence
	if err := readControl(c, &asked); err != nil {
		return err
	}
	if s.startState() == "starting" {
		return fault.Conflict("the start sequence has not ended: hooks run afterwards")
	}
	if s.Hooks == nil {
		return fault.Unavailable("this sandbox runs no hooks")
	}
	run, err := s.Hooks.Run(asked)
	if err != nil {
		return err
	}
	select {
	case <-run.Done():
		writeJSON(c, http.StatusOK, run.Result())
		return nil
	case <-c.request.Context().Done():
		return c.request.Context().Err()
	}
}

func readControl(c *call, into any) error {
	body := patientBody{http.MaxBytesReader(c, c.request.Body, maxControlBody), c.control}
	defer body.rest()
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("it has more than one JSON value")
		}
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.TooLarge("the body has more than %d bytes", tooLarge.Limit)
	}
	if err != nil {
		return fault.BadRequest("the body is not what this call takes: %v", err)
	}
	return nil
}
