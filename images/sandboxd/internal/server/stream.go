package server

import (
	"bufio"
	"errors"
	"io"
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
	v, err := viewOf(c, p)
	if err != nil {
		return err
	}
	if v.follow, err = flag(c, "follow"); err != nil {
		return err
	}
	if v.follow {
		defer p.Attach()()
	}
	return s.stream(c, p, v)
}

// viewOf reads the parameters stream and offset.
func viewOf(c *call, p *process.Process) (v view, err error) {
	v.of = spool.Combined
	switch stream := c.query.Get("stream"); stream {
	case "":
	case "stdout":
		v.of = spool.OnlyStdout
	case "stderr":
		v.of = spool.OnlyStderr
	default:
		return view{}, fault.BadRequest("stream %.40q: expected stdout, stderr, or none for both", stream)
	}
	if v.offset, err = number(c, "offset", 0); err != nil {
		return view{}, err
	}
	if end := p.Output.EndOf(v.of); p.Exit() != nil && v.offset > end {
		return view{}, fault.BadRequest("offset %d is beyond the end of an ended process: its output ends at %d", v.offset, end)
	}
	return v, nil
}

// describe sets the headers that say whose output follows.
func describe(header http.Header, p *process.Process, v view) {
	header.Set("AgentTier-First-Offset", strconv.FormatInt(p.Output.FirstOf(v.of), 10))
	header.Set("AgentTier-Class", p.Class)
	header.Set("AgentTier-Process", p.ID)
	header.Set("AgentTier-Started-By", headerText(p.StartedBy))
}

// stream writes frames until the exit record, or, without follow, until what is there now. An error after the first byte ends the
// connection, which the client sees as a cut.
func (s *Server) stream(c *call, p *process.Process, v view) error {
	reader := p.Output.Read(v.of, v.offset)
	defer reader.Close()
	c.Header().Set("Content-Type", frames.ContentType)
	describe(c.Header(), p, v)
	c.WriteHeader(http.StatusOK)
	w := newStreaming(c, s.keepalive, p, v, reader)
	w.push, w.gone = c.Push, c.request.Context().Done()
	if w.run() != nil {
		panic(http.ErrAbortHandler) // without the last chunk: a stream that ended short must not look whole
	}
	return nil
}

// streaming writes the frames of one reader.
type streaming struct {
	keepalive time.Duration
	process   *process.Process
	view      view
	reader    *spool.Reader
	buffered  *bufio.Writer
	frames    *frames.Writer
	// push sends what was flushed on its way; gone is closed when the client has left.
	push func() error
	gone <-chan struct{}
	// taken and refused are for an attach: the writer's place went to another, and the client sent what cannot be accepted.
	taken   <-chan struct{}
	refused <-chan error
	// notices are for an attached terminal, where a person is; noticed is closed when there may be another.
	notices *noticing
	noticed <-chan struct{}
}

func newStreaming(to io.Writer, keepalive time.Duration, p *process.Process, v view, reader *spool.Reader) *streaming {
	buffered := bufio.NewWriterSize(to, 32<<10)
	return &streaming{keepalive: keepalive, process: p, view: v, reader: reader, buffered: buffered, frames: frames.NewWriter(buffered)}
}

// errGone ends a stream whose client has left.
var errGone = errors.New("the client has left")

func (w *streaming) run() error {
	if err := w.frames.Event(startEvent{"start", w.process.Info()}); err != nil {
		return err
	}
	if w.notices != nil {
		if err := w.tellNotice(); err != nil {
			return err
		}
	}
	keepalive := time.NewTimer(w.keepalive)
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
			if w.view.follow { // a process that writes without end must not keep anything else from being told
				if err := w.attend(); err != nil {
					return err
				}
				continue
			}
			if chunk.To < until {
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
		keepalive.Reset(w.keepalive)
		select {
		case <-w.reader.Changed():
		case <-first.C:
			gathering = false
		case <-keepalive.C:
			if err := w.frames.Keepalive(); err != nil {
				return err
			}
		case <-w.taken:
			if err := w.tellTaken(); err != nil {
				return err
			}
		case <-w.noticed:
			if err := w.tellNotice(); err != nil {
				return err
			}
		case err := <-w.refused:
			return w.tellRefused(err)
		case <-w.gone:
			return errGone
		}
	}
}

// attend looks at what has happened beside the output, without waiting.
func (w *streaming) attend() error {
	select {
	case <-w.taken:
		return w.tellTaken()
	case <-w.noticed:
		return w.tellNotice()
	case err := <-w.refused:
		return w.tellRefused(err)
	case <-w.gone:
		return errGone
	default:
		return nil
	}
}

func (w *streaming) tellTaken() error {
	w.taken = nil
	return w.frames.Event(takenEvent{"stdinTaken"})
}

// tellNotice tells what is about to happen to the sandbox, in a frame of its own: it is no output, and no offset counts it.
func (w *streaming) tellNotice() error {
	next, changed := w.notices.next()
	w.noticed = changed
	if next == nil {
		return nil
	}
	return w.frames.Event(noticeEvent{"notice", *next})
}

// tellRefused is the last that the client is told.
func (w *streaming) tellRefused(err error) error {
	return errors.Join(w.frames.Event(errorEvent{"error", err.Error()}), w.flush(), errRefused)
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
	return w.push()
}
