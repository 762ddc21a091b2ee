package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/frames"
	"agenttier.io/images/sandboxd/internal/process"
)

var upgradeHeader = http.Header{"Connection": {"Upgrade"}, "Upgrade": {upgradeProtocol}}

// session is the client's side of an attach.
type session struct {
	t      *testing.T
	conn   io.ReadWriteCloser
	to     *frames.Writer
	header http.Header
	sent   int64
	// seen is what came so far.
	seen result
	// taken says that the writer's place was lost, refusal what the error event said.
	taken   bool
	refusal string
}

// begin starts a process and attaches.
func (f *fixture) begin(body request) *session {
	f.t.Helper()
	return f.upgraded(f.call("POST", "/v1/processes?attach=true", "exec", jsonBody(body), upgradeHeader))
}

// join attaches to a process; query has stdin, takeover, offset, stream.
func (f *fixture) join(id, query string) *session {
	f.t.Helper()
	return f.upgraded(f.call("POST", "/v1/processes/"+id+"/attach?"+query, "attach", nil, upgradeHeader))
}

func (f *fixture) upgraded(response *http.Response) *session {
	f.t.Helper()
	if response.StatusCode != http.StatusSwitchingProtocols || response.Header.Get("Upgrade") != upgradeProtocol {
		text, _ := io.ReadAll(response.Body)
		f.t.Fatalf("status %d, header %v: %s", response.StatusCode, response.Header, text)
	}
	conn := response.Body.(io.ReadWriteCloser)
	f.t.Cleanup(func() { conn.Close() })
	sent, err := strconv.ParseInt(response.Header.Get("AgentTier-Stdin-Offset"), 10, 64)
	if err != nil {
		f.t.Fatal(err)
	}
	return &session{t: f.t, conn: conn, to: frames.NewWriter(conn), header: response.Header, sent: sent, seen: result{next: -1}}
}

// send writes stdin, in one frame.
func (s *session) send(text string) {
	s.t.Helper()
	if err := s.to.Output(frames.Input, s.sent, []byte(text)); err != nil {
		s.t.Fatal(err)
	}
	s.sent += int64(len(text))
}

func (s *session) closeStdin() {
	s.t.Helper()
	if err := s.to.Output(frames.CloseInput, s.sent, nil); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) resize(text string) {
	s.t.Helper()
	head := []byte{frames.Resize, 0, 0, 0, byte(len(text))}
	if _, err := s.conn.Write(append(head, text...)); err != nil {
		s.t.Fatal(err)
	}
}

// next takes one frame; false at the end of the stream.
func (s *session) next() bool {
	s.t.Helper()
	frame, err := frames.Read(s.conn)
	if err == io.EOF {
		return false
	}
	if err != nil {
		s.t.Fatalf("%v after %q", err, tail(s.seen.combined))
	}
	var event struct{ Event, Message string }
	if frame.Type == frames.Event {
		if err := json.Unmarshal(frame.Data, &event); err != nil {
			s.t.Fatal(err)
		}
	}
	switch event.Event {
	case "stdinTaken":
		s.taken = true
	case "error":
		s.refusal = event.Message
	default:
		s.seen.add(s.t, frame)
	}
	return true
}

// until reads until text has been written by the process.
func (s *session) until(text string) {
	s.t.Helper()
	for !bytes.Contains(s.seen.combined, []byte(text)) {
		if !s.next() {
			s.t.Fatalf("ended without %q: %q, %+v", text, tail(s.seen.combined), s.seen.exit)
		}
	}
}

// finish reads to the end, which must come after an exit record, and returns the record.
func (s *session) finish() *process.Record {
	s.t.Helper()
	for s.next() {
	}
	if s.seen.exit == nil {
		s.t.Fatalf("no exit event; error %q, output %q", s.refusal, tail(s.seen.combined))
	}
	return s.seen.exit
}

// refused reads to the end, which must come after an error event with text.
func (s *session) refused(text string) {
	s.t.Helper()
	for s.next() {
	}
	if s.seen.exit != nil || !strings.Contains(s.refusal, text) {
		s.t.Errorf("error %q, expected %q; exit %+v", s.refusal, text, s.seen.exit)
	}
}

func tail(text []byte) []byte { return text[max(0, len(text)-200):] }

func exited(t *testing.T, r *process.Record, code int) {
	t.Helper()
	if r.Outcome != process.Exited || *r.Code != code {
		t.Errorf("exit %+v (%s), expected code %d", *r, r.Sentence(), code)
	}
}

func withStdin(body request) request { body["openStdin"] = true; return body }

func named(body request, name string) request { body["name"] = name; return body }

func terminal(body request) request { body["tty"] = true; return withStdin(body) }
