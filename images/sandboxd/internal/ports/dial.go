// Package ports reaches what listens in the sandbox: a port of this pod, and never anything else. It knows no names and takes no
// address from a caller, so there is nothing to resolve and nothing to be talked into.
package ports

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
)

// connectTime is how long what listens may take to accept, at each of the two addresses.
const connectTime = 5 * time.Second

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// Dialer connects to ports of this pod.
type Dialer struct {
	// Own is the port that sandboxd listens on, which nobody reaches this way.
	Own uint16
}

// Dial connects to port at 127.0.0.1, and where nothing listens there at own, the pod's address as the caller reached it. Errors are
// fault.Error: 400 for sandboxd's own port, 502 when nothing listens or nothing accepts.
func (d Dialer) Dial(ctx context.Context, port uint16, own netip.Addr) (*net.TCPConn, error) {
	if port == d.Own {
		return nil, fault.BadRequest("port %d is that of the sandbox's daemon: it cannot be reached this way", port)
	}
	conn, err := dial(ctx, netip.AddrPortFrom(loopback, port))
	if errors.Is(err, syscall.ECONNREFUSED) && own.IsValid() {
		conn, err = dial(ctx, netip.AddrPortFrom(own, port))
	}
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, fault.BadGateway("nothing listens on port %d of the sandbox, neither at 127.0.0.1 nor at the pod's own address: "+
			"start a server there", port)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fault.BadGateway("what listens on port %d of the sandbox did not accept a connection within %s", port, connectTime)
	}
	return nil, fault.BadGateway("port %d of the sandbox cannot be connected to: %v", port, err)
}

func dial(ctx context.Context, to netip.AddrPort) (*net.TCPConn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, connectTime, os.ErrDeadlineExceeded)
	defer cancel()
	// a port of the ephemeral range may be given to the dialling socket itself, which then speaks to itself
	for range 3 {
		conn, err := (&net.Dialer{}).DialTCP(ctx, "tcp", netip.AddrPort{}, to)
		if err != nil {
			if context.Cause(ctx) == os.ErrDeadlineExceeded {
				err = os.ErrDeadlineExceeded
			}
			return nil, err
		}
		if conn.LocalAddr().String() != conn.RemoteAddr().String() {
			return conn, nil
		}
		conn.Close()
	}
	return nil, syscall.ECONNREFUSED
}
