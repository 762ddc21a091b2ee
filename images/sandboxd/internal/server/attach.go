package server

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/process"
)

// upgradeProtocol is what an attach turns its connection into (protocol §8).
const upgradeProtocol = "agenttier-frames"

// partingTime is how long a client may take to close the connection after the last frame.
const partingTime = 5 * time.Second

func (s *Server) attachProcess(c *call) error {
	if err := checkUpgrade(c.request, upgradeProtocol); err != nil {
		return err
	}
	if c.request.ContentLength != 0 {
		return fault.BadRequest("an attach has no body: send frames after the answer 101")
	}
	p, err := s.find(c)
	if err != nil {
		return err
	}
	v, err := viewOf(c, p)
	if err != nil {
		return err
	}
	v.follow = true
	stdin, takeover, err := place(c)
	if err != nil {
		return err
	}
	defer p.Attach()()
	return s.attach(c, p, v, stdin, takeover)
}

// place reads whether the client wants the writer's place, and from another that has it.
func place(c *call) (stdin, takeover bool, err error) {
	if stdin, err = flag(c, "stdin"); err != nil {
		return false, false, err
	}
	if takeover, err = flag(c, "takeover"); err != nil {
		return false, false, err
	}
	if takeover && !stdin {
		return false, false, fault.BadRequest("takeover is for the stdin of the process: set stdin=true, or leave it out")
	}
	return stdin, takeover, nil
}

// checkUpgrade says what of the headers of an upgrade is missing.
func checkUpgrade(r *http.Request, protocol string) error {
	for _, connection := range r.Header.Values("Connection") {
		for option := range strings.SplitSeq(connection, ",") {
			if strings.EqualFold(strings.TrimSpace(option), "upgrade") && strings.EqualFold(r.Header.Get("Upgrade"), protocol) {
				return nil
			}
		}
	}
	return fault.BadRequest("the headers \"Connection: Upgrade\" and \"Upgrade: %s\" are needed: got %.40q and %.40q",
		protocol, r.Header.Get("Connection"), r.Header.Get("Upgrade"))
}

// attach turns the connection into frames both ways, until the process has ended or the client leaves. Every error it returns is one
// before the answer 101.
func (s *Server) attach(c *call, p *process.Process, v view, stdin, takeover bool) error {
	var writer *process.Writer
	if stdin {
		var err error
		if writer, err = p.TakeStdin(takeover); err != nil {
			return err
		}
		defer writer.Release()
	}
	reader := p.Output.Read(v.of, v.offset)
	defer reader.Close()
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
	describe(c.Header(), p, v)
	c.Header().Set("AgentTier-Offset", strconv.FormatInt(v.offset, 10))
	c.Header().Set("AgentTier-Stdin-Offset", strconv.FormatInt(p.StdinOffset(), 10))
	if err := switchProtocols(c, conn, upgradeProtocol); err != nil {
		return nil
	}
	client := newClient(s, &patientConn{Conn: conn, from: buffered.Reader, silence: s.silence}, p, writer)
	defer client.stop()
	go client.read()
	w := newStreaming(client.conn, s.keepalive, p, v, reader)
	w.push = func() error { return nil }
	w.gone, w.refused = client.gone, client.refused
	if writer != nil {
		w.taken = writer.Taken()
	}
	if p.Info().TTY {
		w.notices = &noticing{board: &s.notices, now: s.Clock.Now}
	}
	if err := w.run(); err == nil || errors.Is(err, errRefused) {
		client.part()
	}
	return nil
}

// switchProtocols writes the answer 101 with the headers of c.
func switchProtocols(c *call, conn net.Conn, protocol string) error {
	header := c.Header()
	header.Set("Connection", "Upgrade")
	header.Set("Upgrade", protocol)
	if err := conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	answer := bufio.NewWriter(conn)
	_, _ = answer.WriteString("HTTP/1.1 101 Switching Protocols\r\n") // Flush gives the error of all three
	_ = header.Write(answer)
	_, _ = answer.WriteString("\r\n")
	return answer.Flush()
}

// takeTime is how long a client may take nothing of an attach: longer than the apiserver waits for its own client, 90 s at most, so that a
// viewer who pauses is judged there.
const takeTime = 100 * time.Second

// patientConn gives each piece its own time: one that is written has to be taken within takeTime, and one has to come within silence.
type patientConn struct {
	net.Conn
	from    *bufio.Reader // of the HTTP server: it may hold the first frames
	silence time.Duration
}

func (c *patientConn) Write(bytes []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(takeTime)); err != nil {
		return 0, err
	}
	return c.Conn.Write(bytes)
}

func (c *patientConn) Read(bytes []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.silence)); err != nil {
		return 0, err
	}
	return c.from.Read(bytes)
}

// closeWrite tells the client that nothing follows, while what it still sends can arrive: a connection closed with unread bytes would
// be reset, and the reset could overtake the exit record.
func (c *patientConn) closeWrite() {
	if secure, ok := c.Conn.(*tls.Conn); ok {
		_ = secure.CloseWrite() // the client may be gone
	}
}
