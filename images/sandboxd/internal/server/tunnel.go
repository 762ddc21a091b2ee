package server

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/frames"
)

// tunnelProtocol is what a tunnel turns its connection into (protocol §10).
const tunnelProtocol = "agenttier-tunnel"

const (
	// maxTunnels leaves room for calls of every other kind among maxConnections.
	maxTunnels = 64
	// tunnelIdle is how long a tunnel may carry nothing in either direction.
	tunnelIdle = 4 * time.Hour
	// tunnelPiece is what is read at a time.
	tunnelPiece = 32 << 10
)

// openTunnel connects to a port of the sandbox and turns the connection of the call into a tunnel to it. Every error it returns is one
// before the answer 101.
func (s *Server) openTunnel(c *call) error {
	if err := checkUpgrade(c.request, tunnelProtocol); err != nil {
		return err
	}
	if c.request.ContentLength != 0 {
		return fault.BadRequest("a tunnel has no body: send frames after the answer 101")
	}
	port, err := number(c, "port", 0)
	if err != nil {
		return err
	}
	if port < 1 || port > 65535 {
		return fault.BadRequest("port %.40q: expected a number from 1 to 65535", c.query.Get("port"))
	}
	defer s.tunnels.Add(-1)
	if s.tunnels.Add(1) > maxTunnels {
		return fault.TooManyRequests("%d connections to ports of the sandbox are open, the limit: close one of them", maxTunnels)
	}
	local, err := s.Ports.Dial(c.request.Context(), uint16(port), ownAddress(c.request))
	if err != nil {
		return err
	}
	defer local.Close()
	conn, buffered, err := c.control.Hijack()
	if err != nil {
		return err
	}
	defer conn.Close()
	remove, ok := s.attached.add(conn)
	if !ok {
		return nil // the sandbox has ended: a cut tells no more than there is to tell
	}
	defer remove()
	if err := switchProtocols(c, conn, tunnelProtocol); err != nil {
		return nil
	}
	t := &tunnel{server: s, conn: &patientConn{Conn: conn, from: buffered.Reader, silence: s.silence}, local: local, port: port}
	t.run()
	return nil
}

// ownAddress is the address of this pod as the caller reached it; not valid if the connection has none.
func ownAddress(r *http.Request) netip.Addr {
	if address, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return address.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// tunnel carries bytes between a client and what listens on a port, each way at the pace of the slower side.
type tunnel struct {
	server  *Server
	conn    *patientConn
	writing sync.Mutex // a frame at a time goes to the client
	local   *net.TCPConn
	port    int64
	// moved is when bytes were last carried, in Unix nanoseconds.
	moved atomic.Int64
}

// brokenError is the end of a tunnel that the client is told.
type brokenError struct{ why string }

func (e *brokenError) Error() string { return e.why }

func broken(format string, args ...any) error { return &brokenError{fmt.Sprintf(format, args...)} }

// run carries both ways until both have ended, or one is broken or cut.
func (t *tunnel) run() {
	t.use()
	ended := make(chan error, 2)
	listening := make(chan struct{})
	go func() {
		defer close(listening)
		ended <- t.toPort()
	}()
	go func() { ended <- t.toClient() }()
	err := t.watch(ended)
	told, broke := errors.AsType[*brokenError](err)
	if err != nil {
		_ = t.local.SetLinger(0) // nobody may take what was cut for the whole
	}
	t.local.Close()
	if broke {
		err = t.send(frames.Reset, append(make([]byte, frames.TunnelRoom), told.why[:min(len(told.why), frames.MaxReset)]...))
	}
	if err == nil {
		t.part(listening)
	}
	t.conn.Close()
	<-listening
}

// watch waits until both directions have ended, and tells the client now and then that this end is alive.
func (t *tunnel) watch(ended <-chan error) error {
	alive := time.NewTicker(t.server.keepalive)
	defer alive.Stop()
	for running := 2; running > 0; {
		select {
		case err := <-ended:
			if err != nil {
				return err
			}
			running--
		case <-alive.C:
			if t.server.Clock.Now().UnixNano()-t.moved.Load() > int64(t.server.tunnelIdle) {
				return broken("nothing was sent either way for %s: connect again", t.server.tunnelIdle)
			}
			if err := t.send(frames.Keepalive, make([]byte, frames.TunnelRoom)); err != nil {
				return err
			}
		}
	}
	return nil
}

// toPort writes what the client sends, until that has ended. What the port does not take any more is thrown away: what it answered
// before may still be on its way.
func (t *tunnel) toPort() error {
	buffer := make([]byte, tunnelPiece)
	for takes := true; ; {
		kind, rest, err := frames.ReadTunnel(t.conn)
		if errors.Is(err, frames.ErrMalformed) {
			return broken("%v", err)
		}
		if err != nil {
			return err
		}
		switch kind {
		case frames.End:
			_ = t.local.CloseWrite() // the port may be gone: reading from it tells
			return nil
		case frames.Reset:
			return io.ErrUnexpectedEOF
		}
		for rest > 0 {
			n, err := t.conn.Read(buffer[:min(rest, len(buffer))])
			if err != nil {
				return err
			}
			rest -= n
			t.use()
			if takes {
				_, err = t.local.Write(buffer[:n])
				takes = err == nil
			}
		}
	}
}

// toClient sends what the port writes, until that has ended.
func (t *tunnel) toClient() error {
	buffer := make([]byte, frames.TunnelRoom+tunnelPiece)
	for {
		n, err := t.local.Read(buffer[frames.TunnelRoom:])
		if n > 0 {
			t.use()
			if err := t.send(frames.Data, buffer[:frames.TunnelRoom+n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return t.send(frames.End, make([]byte, frames.TunnelRoom))
		}
		if err != nil {
			return broken("what listens on port %d broke the connection", t.port)
		}
	}
}

// send writes one frame; its payload begins at frames.TunnelRoom.
func (t *tunnel) send(kind byte, buffer []byte) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	_, err := t.conn.Write(frames.Tunnel(kind, buffer))
	return err
}

// part says that nothing follows, and waits a little for the client to close the connection: one closed with unread bytes would be
// reset, and the reset could overtake the last frame.
func (t *tunnel) part(listening <-chan struct{}) {
	t.conn.closeWrite()
	over := time.AfterFunc(partingTime, func() { t.conn.Close() })
	defer over.Stop()
	<-listening
	_, _ = io.Copy(io.Discard, t.conn)
}

func (t *tunnel) use() {
	t.moved.Store(t.server.Clock.Now().UnixNano())
	t.server.touch()
}
