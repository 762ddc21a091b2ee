package ports

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"agenttier.io/images/sandboxd/internal/fault"
)

func listen(t *testing.T, address string) *net.TCPListener {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("%s: %v", address, err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.(*net.TCPListener)
}

func TestTheLoopbackAddressComesFirstThenThePodsOwn(t *testing.T) {
	own := netip.MustParseAddr("127.0.0.2")
	second := listen(t, "127.0.0.2:0")
	port := second.Addr().(*net.TCPAddr).AddrPort().Port()
	conn, err := Dialer{}.Dial(t.Context(), port, own)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	first := listen(t, netip.AddrPortFrom(loopback, port).String())
	if conn, err = (Dialer{}).Dial(t.Context(), port, own); err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	accepted, err := first.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	if accepted.RemoteAddr().String() != conn.LocalAddr().String() {
		t.Errorf("connected %s, accepted %s", conn.LocalAddr(), accepted.RemoteAddr())
	}
}

func TestTheDaemonsPortIsReachedAtNoAddress(t *testing.T) {
	port := listen(t, "127.0.0.1:0").Addr().(*net.TCPAddr).AddrPort().Port()
	if _, err := (Dialer{Own: port}).Dial(t.Context(), port, loopback); fault.From(err).Status != 400 {
		t.Errorf("%v", err)
	}
}

func TestADialThatIsCanceledEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if conn, err := (Dialer{}).Dial(ctx, 1, loopback); err == nil {
		conn.Close()
		t.Error("connected")
	}
}

func TestAPortOfTheEphemeralRangeNeverSpeaksToItself(t *testing.T) {
	listener := listen(t, "127.0.0.1:0")
	port := listener.Addr().(*net.TCPAddr).AddrPort().Port()
	listener.Close()
	for range 20_000 {
		if conn, err := (Dialer{}).Dial(t.Context(), port, netip.Addr{}); err == nil {
			conn.Close()
			t.Fatal("connected where nothing listens")
		}
	}
}
