package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/frames"
	"agenttier.io/images/sandboxd/internal/process"
)

// inputPiece is what is read of a client at a time.
const inputPiece = 32 << 10

// errRefused ends an attach whose client sent what cannot be accepted.
var errRefused = errors.New("refused")

// client is the far end of an attach: what it sends reaches the process in order, no faster than that takes it.
type client struct {
	server  *Server
	conn    *patientConn
	process *process.Process
	writer  *process.Writer // nil for one who only reads
	buffer  []byte

	ctx    context.Context
	cancel context.CancelFunc
	// gone is closed when nothing more comes from the client; refused then may hold why sandboxd does not want more.
	gone    chan struct{}
	refused chan error
	done    chan struct{}
}

func newClient(s *Server, conn *patientConn, p *process.Process, writer *process.Writer) *client {
	ctx, cancel := context.WithCancel(context.Background())
	return &client{
		server: s, conn: conn, process: p, writer: writer, ctx: ctx, cancel: cancel,
		gone: make(chan struct{}), refused: make(chan error, 1), done: make(chan struct{}),
	}
}

// read takes frames until the client leaves, is silent for too long, or sends what cannot be accepted; of that one the rest is read
// and thrown away, so that it can be told.
func (c *client) read() {
	defer close(c.done)
	for {
		err := c.frame()
		refusal, refused := errors.AsType[*fault.Error](err)
		switch {
		case err == nil:
		case refused:
			c.refused <- refusal
			_, _ = io.Copy(io.Discard, c.conn)
			return
		default:
			close(c.gone)
			return
		}
	}
}

func (c *client) frame() error {
	head, err := frames.ReadHead(c.conn)
	if err != nil {
		return refuseMalformed(err)
	}
	switch head.Type {
	case frames.Input:
		return c.input(head)
	case frames.CloseInput:
		if c.writer == nil {
			return refuseInput()
		}
		return unlessTaken(c.writer.CloseAt(head.Offset))
	case frames.Resize:
		return c.resize(head)
	}
	return nil
}

func (c *client) input(head frames.Head) error {
	if c.writer == nil {
		return refuseInput()
	}
	c.server.touch()
	if c.buffer == nil {
		c.buffer = make([]byte, inputPiece)
	}
	for head.Rest > 0 {
		n, err := c.conn.Read(c.buffer[:min(head.Rest, len(c.buffer))])
		if err != nil {
			return err
		}
		if err := unlessTaken(c.writer.Write(c.ctx, head.Offset, c.buffer[:n])); err != nil {
			return err
		}
		head.Offset, head.Rest = head.Offset+int64(n), head.Rest-n
	}
	return nil
}

func (c *client) resize(head frames.Head) error {
	text := make([]byte, head.Rest)
	if _, err := io.ReadFull(c.conn, text); err != nil {
		return err
	}
	size, err := readSize(text)
	if err != nil {
		return err
	}
	if err := c.process.Resize(c.writer, size); err != nil {
		return fault.BadRequest("resize: %v", err)
	}
	return nil
}

// readSize reads the payload of a resize; whether the numbers are good is left to Size.Check.
func readSize(text []byte) (process.Size, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var size process.Size
	if err := decoder.Decode(&size); err != nil {
		return process.Size{}, fault.BadRequest("resize %q: expected {\"cols\":N,\"rows\":N}", text)
	}
	return size, nil
}

// part says that nothing follows, and waits for the client to close the connection; what it still sends is taken.
func (c *client) part() {
	c.conn.closeWrite()
	over := time.AfterFunc(partingTime, c.stop)
	defer over.Stop()
	<-c.done
}

// stop cuts the connection and waits until nothing is read any more.
func (c *client) stop() {
	c.cancel()
	c.conn.Close()
	<-c.done
}

func refuseInput() error {
	return fault.BadRequest("this attach does not write: attach with stdin=true to send stdin")
}

func refuseMalformed(err error) error {
	if errors.Is(err, frames.ErrMalformed) {
		return fault.BadRequest("%v", err)
	}
	return err
}

// unlessTaken passes over what a client sends that has not yet seen that another took its place.
func unlessTaken(err error) error {
	if errors.Is(err, process.ErrTaken) {
		return nil
	}
	return err
}
