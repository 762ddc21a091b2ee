package server

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
)

// attached are the connections that left the HTTP server for an attach, which therefore neither waits for them nor closes them.
type attached struct {
	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
	// none is closed when the last has gone; nil while there is none.
	none chan struct{}
}

// add keeps conn until the returned function is called; false when no more are taken.
func (a *attached) add(conn net.Conn) (remove func(), ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, false
	}
	if a.none == nil {
		a.conns, a.none = map[net.Conn]bool{}, make(chan struct{})
	}
	a.conns[conn] = true
	return func() { a.remove(conn) }, true
}

func (a *attached) remove(conn net.Conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.conns, conn)
	if len(a.conns) == 0 {
		close(a.none)
		a.none = nil
	}
}

// CloseAttached takes no more attaches and waits until those there are have ended, for example since their processes have; when ctx
// is done it cuts the rest.
func (s *Server) CloseAttached(ctx context.Context) {
	a := &s.attached
	a.mu.Lock()
	a.closed = true
	none := a.none
	a.mu.Unlock()
	if none == nil {
		return
	}
	select {
	case <-none:
		return
	case <-ctx.Done():
	}
	a.mu.Lock()
	for conn := range a.conns {
		if secure, ok := conn.(*tls.Conn); ok {
			conn = secure.NetConn() // one that is stuck would take no farewell either
		}
		conn.Close()
	}
	a.mu.Unlock()
	<-none
}
