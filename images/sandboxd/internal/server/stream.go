package server

import (
	"bufio"
	"errors"
	"net/http"
	"strconv"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/frames"
	"agenttier.io/images/sandboxd/internal/process"
	"agenttier.io/images/sandboxd/internal/spool"
)

// gather is how long the first frame may wait for more: a short command then is one packet, and nothing else is late.
const gather = 2 * time.Millisecond

// view is what a reader asks for.
type view struct {
	of     spool.View
	offset int64
	follow bool
}

func (s *Server) readLog(c *call) error {
	p, err := s.find(c)
	if err != nil {
		return err
	}
	v := view{of: spool.Combined}
	switch stream := c.query.Get("stream"); stream {
	case "":
	case "stdout":
		v.of = spool.OnlyStdout
	case "stderr":
		v.of = spool.OnlyStderr
	default:
		return fault.BadRequest("stream %.40q: expected stdout, stderr, or none for both", stream)
	}
	if v.follow, err = flag(c, "follow"); err != nil {
		return err
	}
	if v.offset, err = number(c, "offset", 0); err != nil {
		return err
	}
	if end := p.Output.EndOf(v.of); p.Exit() != nil && v.offset > end {
		return fault.BadRequest("offset %d is beyond the end of an ended process: its output ends at %d", v.offset, end)
	}
	if v.follow {
		defer p.Attach()()
	}
	return s.stream(c, p, v)
}

// stream writes frames until the exit record, or, without follow, until what is there now. An error after the first byte ends the
// connection, which the client sees as a cut.
func (s *Server) stream(c *call, p *process.Process, v view) error {
	reader := p.Output.Read(v.of, v.offset)
	defer reader.Close()
	header := c.Header()
	header.Set("Content-Type", frames.ContentType)
	header.Set("AgentTier-First-Offset", strconv.FormatInt(p.Output.FirstOf(v.of), 10))
	header.Set("AgentTier-Class", p.Class)
	header.Set("AgentTier-Process", p.ID)
	header.Set("AgentTier-Started-By", headerText(p.StartedBy))
	c.WriteHeader(http.StatusOK)
	buffered := bufio.NewWriterSize(c, 32<<10)
	w := &streaming{call: c, server: s, process: p, view: v, reader: reader, buffered: buffered, frames: frames.NewWriter(buffered)}
	if w.run() != nil {
		panic(http.ErrAbortHandler) // without the last chunk: a stream that ended short must not look whole
	}
	return nil
}

type streaming struct {
	call     *call
	server   *Server
	process  *process.Process
	view     view
	reader   *spool.Reader
	buffered *bufio.Writer
	frames   *frames.Writer
}

func (w *streaming) run() error {
	if err := w.frames.Event(startEvent{"start", w.process.Info()}); err != nil {
		return err
	}
	keepalive := time.NewTimer(w.server.keepalive)
	defer keepalive.Stop()
	first := time.NewTimer(gather)
	defer first.Stop()
	gathering := true
	until := w.process.Output.EndOf(w.view.of) // without follow
	for {
		chunk, err := w.reader.Next()
		if err != nil {
			return err
		}
		switch {
		case chunk.Kind == spool.End:
			return w.exit(chunk.From)
		case chunk.Kind == spool.Nothing:
		default:
			if err := w.write(chunk); err != nil {
				return err
			}
			if w.view.follow || chunk.To < until {
				continue
			}
		}
		if !w.view.follow {
			return w.stop()
		}
		if !gathering {
			if err := w.flush(); err != nil {
				return err
			}
		}
		keepalive.Reset(w.server.keepalive)
		select {
		case <-w.reader.Changed():
		case <-first.C:
			gathering = false
		case <-keepalive.C:
			if err := w.frames.Keepalive(); err != nil {
				return err
			}
		case <-w.call.request.Context().Done():
			return w.call.request.Context().Err()
		}
	}
}

func (w *streaming) write(chunk spool.Chunk) error {
	switch {
	case chunk.Kind == spool.Gap:
		return w.frames.Event(gapEvent{"gap", chunk.From, chunk.To})
	case chunk.Stream == spool.Stderr:
		return w.frames.Output(frames.Stderr, chunk.From, chunk.Bytes)
	}
	return w.frames.Output(frames.Stdout, chunk.From, chunk.Bytes)
}

// stop ends a stream that does not follow: with the record if that is all there will be.
func (w *streaming) stop() error {
	chunk, err := w.reader.Next()
	if err == nil && chunk.Kind == spool.End {
		return w.exit(chunk.From)
	}
	return errors.Join(err, w.flush())
}

// exit writes the record. The output ends within the lock that also sets it, so it waits for no other event.
func (w *streaming) exit(offset int64) error {
	<-w.process.Done()
	if err := w.frames.Event(exitEvent{"exit", w.process.Exit(), offset}); err != nil {
		return err
	}
	return w.flush()
}

func (w *streaming) flush() error {
	if w.buffered.Buffered() == 0 {
		return nil
	}
	if err := w.buffered.Flush(); err != nil {
		return err
	}
	return w.call.Push()
}

type startEvent struct {
	Event   string       `json:"event"`
	Process process.Info `json:"process"`
}

type gapEvent struct {
	Event string `json:"event"`
	From  int64  `json:"from"`
	To    int64  `json:"to"`
}

type exitEvent struct {
	Event  string          `json:"event"`
	Exit   *process.Record `json:"exit"`
	Offset int64           `json:"offset"`
}
