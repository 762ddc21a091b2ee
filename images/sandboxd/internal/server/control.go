package server

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/process"
	"agenttier.io/images/sandboxd/internal/start"
)

// What the controller asks: how the sandbox is used, its hooks, and to tell those who are in it what is coming.

const (
	maxControlBody = 16 << 10
	maxNoticeText  = 1024
)

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
	answer := report{
		Running: running, Viewers: viewers, Invokes: invokes, InUse: inUse,
		LastActivity: process.Stamp(time.UnixMilli(last)), LastActivityMs: last,
		Start: s.startState(), Tools: []start.ToolResult{}, Notice: s.notice.Load(),
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

// notice is what is about to happen to the sandbox, for those who are in it.
type notice struct {
	// Kind is the reason of the stop that is coming.
	Kind string `json:"kind"`
	Text string `json:"text"`
	// At is when it happens, RFC 3339.
	At string `json:"at"`
}

// takeNotice keeps the notice; a later one replaces it, one without a kind takes it back.
func (s *Server) takeNotice(c *call) error {
	var taken notice
	if err := readControl(c, &taken); err != nil {
		return err
	}
	if taken.Kind == "" {
		s.notice.Store(nil)
		c.WriteHeader(http.StatusNoContent)
		return nil
	}
	if len(taken.Kind) > 64 || len(taken.Text) > maxNoticeText || !utf8.ValidString(taken.Text) || strings.ContainsFunc(taken.Text, isControl) {
		return fault.Invalid("notice of kind %.64q: expected a kind of at most 64 bytes and a text of at most %d without control characters", taken.Kind, maxNoticeText)
	}
	if _, err := time.Parse(time.RFC3339, taken.At); err != nil {
		return fault.Invalid("at %.40q: expected a time as of RFC 3339", taken.At)
	}
	s.notice.Store(&taken)
	c.WriteHeader(http.StatusNoContent)
	return nil
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }

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
