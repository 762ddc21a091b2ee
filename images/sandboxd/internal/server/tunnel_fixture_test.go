package server

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"

	"agenttier.io/images/sandboxd/internal/frames"
)

var tunnelHeader = http.Header{"Connection": {"Upgrade"}, "Upgrade": {tunnelProtocol}}

// far is the client's side of a tunnel.
type far struct {
	t    *testing.T
	conn io.ReadWriteCloser
}

func (f *fixture) askTunnel(port string) *http.Response {
	f.t.Helper()
	return f.call("GET", "/v1/ports?port="+port, "ports", nil, tunnelHeader)
}

func (f *fixture) tunnel(port int) *far {
	f.t.Helper()
	response := f.askTunnel(strconv.Itoa(port))
	if response.StatusCode != http.StatusSwitchingProtocols || response.Header.Get("Upgrade") != tunnelProtocol {
		text, _ := io.ReadAll(response.Body)
		f.t.Fatalf("status %d, header %v: %s", response.StatusCode, response.Header, text)
	}
	conn := response.Body.(io.ReadWriteCloser)
	f.t.Cleanup(func() { conn.Close() })
	return &far{f.t, conn}
}

func (p *far) send(kind byte, text string) {
	p.t.Helper()
	if _, err := p.conn.Write(frames.Tunnel(kind, append(make([]byte, frames.TunnelRoom), text...))); err != nil {
		p.t.Fatal(err)
	}
}

// next takes one frame that is no keepalive.
func (p *far) next() (kind byte, text string) {
	p.t.Helper()
	for {
		kind, rest, err := frames.ReadTunnel(p.conn)
		if err != nil {
			p.t.Fatal(err)
		}
		payload := make([]byte, rest)
		if _, err := io.ReadFull(p.conn, payload); err != nil {
			p.t.Fatal(err)
		}
		if kind != frames.Keepalive {
			return kind, string(payload)
		}
	}
}

// untilEnd returns all bytes up to the frame that ends them.
func (p *far) untilEnd() (all []byte, kind byte, why string) {
	p.t.Helper()
	for {
		kind, text := p.next()
		if kind != frames.Data {
			return all, kind, text
		}
		all = append(all, text...)
	}
}

// closed expects that nothing more comes.
func (p *far) closed() {
	p.t.Helper()
	if n, err := p.conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		p.t.Errorf("after the end: %d bytes, %v", n, err)
	}
}

// listen serves one connection after the other on address; the result is the port.
func listen(t *testing.T, address string, serve func(*net.TCPConn)) int {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn.(*net.TCPConn))
			}()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

func echo(conn *net.TCPConn) { _, _ = io.Copy(conn, conn) }
