package process

import (
	"context"
	"errors"

	"agenttier.io/images/sandboxd/internal/fault"
)

// ErrTaken is what a writer gets whose place another has taken: what it sends has no effect any more.
var ErrTaken = errors.New("another attach writes stdin now")

// Writer is the one that writes the stdin of a process. Its place is free again after Release; stdin stays open.
type Writer struct {
	input *input
	taken chan struct{}
}

// TakeStdin gives the writer's place. 409 when the process was started without openStdin, or when another has the place and takeover
// is false; with it that one is told by Taken.
func (p *Process) TakeStdin(takeover bool) (*Writer, error) {
	in := p.input
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case !in.open:
		return nil, fault.Conflict("process %s was started without stdin: start it with openStdin to write to it", p.ID)
	case in.writer != nil && !takeover:
		return nil, fault.Conflict("another attach writes the stdin of process %s: take its place with takeover=true, or read only", p.ID)
	case in.writer != nil:
		close(in.writer.taken)
	}
	in.writer = &Writer{input: in, taken: make(chan struct{})}
	if !in.closed {
		in.closeAt = -1 // what the former writer announced and did not send
	}
	in.tell()
	return in.writer, nil
}

// Taken is closed when another has taken the place.
func (w *Writer) Taken() <-chan struct{} { return w.taken }

// Write accepts bytes that begin at offset of stdin and waits while there is no room. Bytes below what was accepted before are
// skipped. ErrTaken when another took the place, ctx's error when that is done, a 400 when bytes are missing before offset.
func (w *Writer) Write(ctx context.Context, offset int64, bytes []byte) error {
	in := w.input
	for {
		in.mu.Lock()
		if in.writer != w {
			in.mu.Unlock()
			return ErrTaken
		}
		done, ok := in.accept(offset, bytes)
		accepted, changed := in.accepted, in.changed
		in.mu.Unlock()
		if !ok {
			return fault.BadRequest("stdin at offset %d: bytes from %d on are missing before it, send those first", offset, accepted)
		}
		bytes, offset = bytes[done:], offset+int64(done)
		if len(bytes) == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// CloseAt ends stdin once total bytes of it were accepted; ErrTaken when another took the place.
func (w *Writer) CloseAt(total int64) error {
	in := w.input
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.writer != w {
		return ErrTaken
	}
	in.closeAt = total
	in.closeIfDue()
	return nil
}

// Release frees the place if this writer still has it.
func (w *Writer) Release() {
	in := w.input
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.writer == w {
		in.writer = nil
	}
}

// StdinOffset is how many bytes of stdin were accepted: where a writer goes on.
func (p *Process) StdinOffset() int64 {
	accepted, _ := p.input.state()
	return accepted
}
