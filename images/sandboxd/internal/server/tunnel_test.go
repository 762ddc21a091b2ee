package server

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/frames"
	"agenttier.io/images/sandboxd/internal/ports"
)

func TestBytesPassATunnelBothWaysUnchanged(t *testing.T) {
	f := serve(t, 1<<20)
	p := f.tunnel(listen(t, "127.0.0.1:0", echo))
	sent := make([]byte, 16<<20)
	random := rand.NewChaCha8([32]byte{})
	_, _ = random.Read(sent)
	go func() {
		for rest := sent; len(rest) > 0; {
			n := min(len(rest), 1+int(random.Uint64()%100_000))
			_, _ = p.conn.Write(frames.Tunnel(frames.Data, append(make([]byte, frames.TunnelRoom), rest[:n]...)))
			rest = rest[n:]
		}
		_, _ = p.conn.Write(frames.Tunnel(frames.End, make([]byte, frames.TunnelRoom)))
	}()
	got, kind, why := p.untilEnd()
	if kind != frames.End || sha256.Sum256(got) != sha256.Sum256(sent) {
		t.Errorf("%d bytes of %d, then %q %s", len(got), len(sent), kind, why)
	}
	p.closed()
}

func TestAClientThatHasSentAllStillGetsTheAnswer(t *testing.T) {
	f := serve(t, 1<<20)
	p := f.tunnel(listen(t, "127.0.0.1:0", func(conn *net.TCPConn) {
		question, _ := io.ReadAll(conn)
		_, _ = io.WriteString(conn, "answer to "+string(question))
	}))
	p.send(frames.Data, "this")
	p.send(frames.End, "")
	if got, kind, _ := p.untilEnd(); string(got) != "answer to this" || kind != frames.End {
		t.Errorf("%q, then %q", got, kind)
	}
	p.closed()
}

func TestAPortThatHasSentAllStillGetsWhatTheClientSends(t *testing.T) {
	f := serve(t, 1<<20)
	got := make(chan string, 1)
	p := f.tunnel(listen(t, "127.0.0.1:0", func(conn *net.TCPConn) {
		_, _ = io.WriteString(conn, "all")
		_ = conn.CloseWrite()
		rest, _ := io.ReadAll(conn)
		got <- string(rest)
	}))
	if text, kind, _ := p.untilEnd(); string(text) != "all" || kind != frames.End {
		t.Fatalf("%q, then %q", text, kind)
	}
	p.send(frames.Data, "after that")
	p.send(frames.End, "")
	if text := <-got; text != "after that" {
		t.Errorf("the port got %q", text)
	}
	p.closed()
}

func TestAClientThatIsCutIsNoProperEndForThePort(t *testing.T) {
	f := serve(t, 1<<20)
	end := make(chan error, 1)
	p := f.tunnel(listen(t, "127.0.0.1:0", func(conn *net.TCPConn) {
		_, err := io.Copy(io.Discard, conn)
		end <- err
	}))
	p.send(frames.Data, "half of i")
	p.conn.Close()
	if err := <-end; err == nil {
		t.Error("the port saw a proper end")
	}
}

func TestAPortThatBreaksIsToldAndNoProperEnd(t *testing.T) {
	f := serve(t, 1<<20)
	port := listen(t, "127.0.0.1:0", func(conn *net.TCPConn) {
		_, _ = io.ReadFull(conn, make([]byte, 4))
		_ = conn.SetLinger(0)
	})
	p := f.tunnel(port)
	p.send(frames.Data, "die!")
	if _, kind, why := p.untilEnd(); kind != frames.Reset || !strings.Contains(why, strconv.Itoa(port)) {
		t.Errorf("%q %q", kind, why)
	}
	p.closed()
}

func TestAPeerThatNeverReadsStopsTheClientAndNothingElse(t *testing.T) {
	f := serve(t, 1<<20)
	release := make(chan struct{})
	p := f.tunnel(listen(t, "127.0.0.1:0", func(*net.TCPConn) { <-release }))
	defer close(release)
	piece := frames.Tunnel(frames.Data, make([]byte, frames.TunnelRoom+64<<10))
	stuck := make(chan int, 1)
	go func() {
		sent := 0
		for sent < 1<<30 {
			n, err := p.conn.Write(piece)
			if sent += n; err != nil {
				break
			}
		}
		stuck <- sent
	}()
	other := f.tunnel(listen(t, "127.0.0.1:0", echo))
	for range 200 {
		other.send(frames.Data, "ping")
		if _, text := other.next(); text != "ping" {
			t.Fatalf("echo %q", text)
		}
	}
	p.conn.Close()
	if sent := <-stuck; sent == 1<<30 {
		t.Error("a gibibyte went to a peer that reads nothing")
	}
}

func TestAClientThatReadsNothingStopsThePort(t *testing.T) {
	f := serve(t, 1<<20)
	wrote := make(chan int64, 1)
	p := f.tunnel(listen(t, "127.0.0.1:0", func(conn *net.TCPConn) {
		n, _ := io.Copy(conn, io.LimitReader(zeros{}, 1<<30))
		wrote <- n
	}))
	other := f.tunnel(listen(t, "127.0.0.1:0", echo))
	for range 200 {
		other.send(frames.Data, "ping")
		if _, text := other.next(); text != "ping" {
			t.Fatalf("echo %q", text)
		}
	}
	p.conn.Close()
	if n := <-wrote; n == 1<<30 {
		t.Error("a gibibyte was taken for a client that reads nothing")
	}
}

type zeros struct{}

func (zeros) Read(into []byte) (int, error) { return len(into), nil }

func TestWhereNothingListensIsAnError(t *testing.T) {
	f := serve(t, 1<<20)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(closed.Addr().(*net.TCPAddr).Port)
	closed.Close()
	message := f.fails(f.askTunnel(port), 502, "BadGateway")
	if !strings.Contains(message, "nothing listens on port "+port) {
		t.Error(message)
	}
}

func TestTheDaemonsOwnPortIsRefused(t *testing.T) {
	port := listen(t, "127.0.0.1:0", echo)
	f := serveChanged(t, 1<<20, 0, func(s *Server) { s.Ports = ports.Dialer{Own: uint16(port)} })
	f.fails(f.askTunnel(strconv.Itoa(port)), 400, "BadRequest")
}

func TestATunnelIsForAPortAndNothingElse(t *testing.T) {
	f := serve(t, 1<<20)
	for _, port := range []string{
		"", "0", "-1", "65536", "99999999999999999999", "80.0", "0x50", "%2080", "80%20", "http", "localhost:80", "10.0.0.1:80", "80@10.0.0.1",
		"[::1]:80", "80%00", "8%D9%A0", "80&port=81", "80&host=10.0.0.1%26port=1&port=2",
	} {
		f.fails(f.askTunnel(port), 400, "BadRequest")
	}
	f.fails(f.call("GET", "/v1/ports?port=80", "ports", nil, nil), 400, "BadRequest")
	f.fails(f.call("GET", "/v1/ports?port=80", "ports", strings.NewReader("body"), tunnelHeader), 400, "BadRequest")
	for _, operation := range []string{"exec", "attach", "files.read", "port"} {
		f.fails(f.call("GET", "/v1/ports?port=80", operation, nil, tunnelHeader), 403, "Forbidden")
	}
}

func TestAFloodOfTunnelsLeavesRoomForOtherCalls(t *testing.T) {
	f := serve(t, 1<<20)
	port := listen(t, "127.0.0.1:0", echo)
	open := make([]*far, maxTunnels)
	for i := range open {
		open[i] = f.tunnel(port)
	}
	for range 20 {
		f.fails(f.askTunnel(strconv.Itoa(port)), 429, "TooManyRequests")
	}
	f.answer(f.call("GET", "/v1/processes", "processes", nil, nil), 200, nil)
	for _, p := range open {
		p.send(frames.End, "")
		if _, kind, _ := p.untilEnd(); kind != frames.End {
			t.Fatalf("ended with %q", kind)
		}
		p.closed()
		p.conn.Close()
	}
	for refused := true; refused; { // the last may still be leaving
		response := f.askTunnel(strconv.Itoa(port))
		refused = response.StatusCode == http.StatusTooManyRequests
		response.Body.Close()
	}
}

func TestWhatIsNoFrameEndsATunnel(t *testing.T) {
	f := serve(t, 1<<20)
	p := f.tunnel(listen(t, "127.0.0.1:0", echo))
	if _, err := p.conn.Write([]byte("GET / HTTP/1.1\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if _, kind, why := p.untilEnd(); kind != frames.Reset || !strings.Contains(why, "malformed") {
		t.Errorf("%q %q", kind, why)
	}
}

func TestATunnelIsKeptAliveAndATooQuietOneEnds(t *testing.T) {
	f := serveChanged(t, 1<<20, 0, func(s *Server) { s.keepalive, s.tunnelIdle = time.Millisecond, 50*time.Millisecond })
	p := f.tunnel(listen(t, "127.0.0.1:0", echo))
	kind, _, err := frames.ReadTunnel(p.conn)
	if err != nil || kind != frames.Keepalive {
		t.Fatalf("%q, %v", kind, err)
	}
	if _, kind, why := p.untilEnd(); kind != frames.Reset || !strings.Contains(why, "nothing was sent") {
		t.Errorf("%q %q", kind, why)
	}
}

func TestASilentClientIsLetGo(t *testing.T) {
	f := serveChanged(t, 1<<20, 0, func(s *Server) { s.silence = 50 * time.Millisecond })
	gone := make(chan struct{})
	p := f.tunnel(listen(t, "127.0.0.1:0", func(conn *net.TCPConn) {
		_, _ = io.Copy(io.Discard, conn)
		close(gone)
	}))
	<-gone
	if rest, err := io.ReadAll(p.conn); err == nil && bytes.ContainsRune(rest, frames.End) {
		t.Error("a silent client got a proper end")
	}
}
