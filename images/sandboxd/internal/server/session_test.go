package server

import (
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/process"
)

const mainSession = "/v1/terminals?session=main&retentionSeconds=3600&stdin=true"

func (f *fixture) terminal(path string) *session {
	f.t.Helper()
	return f.upgraded(f.call("POST", path, "attach", nil, upgradeHeader))
}

func TestAShellSurvivesItsConnectionAndShowsItsLastScreenToWhoComes(t *testing.T) {
	f := serveChanged(t, 1<<20, 0, func(s *Server) { s.Shell = "/bin/sh" })
	first := f.terminal(mainSession + "&cols=90&rows=30")
	first.send("stty -echo; PS1=; X=kept; stty size; echo 'fir''st'\n")
	first.until("30 90\r\n")
	first.until("first\r\n")
	first.conn.Close()

	second := f.terminal(mainSession + "&cols=90&rows=30&takeover=true")
	if id := second.header.Get("AgentTier-Process"); id != first.header.Get("AgentTier-Process") || !strings.HasPrefix(id, "term-") {
		t.Fatalf("process %s, before %s", id, first.header.Get("AgentTier-Process"))
	}
	second.until("first\r\n") // of before it came
	second.send("echo \"$X again\"; exit 3\n")
	second.until("kept again\r\n")
	exited(t, second.finish(), 3)

	third := f.terminal(mainSession)
	if third.header.Get("AgentTier-Process") == second.header.Get("AgentTier-Process") {
		t.Error("the shell that ended is joined")
	}
	third.send("echo new=$X.; exit\n")
	third.until("new=.\r\n")
	exited(t, third.finish(), 0)
}

func TestASecondWriterOfASessionIsRefusedOrTakesOver(t *testing.T) {
	f := serveChanged(t, 1<<20, 0, func(s *Server) { s.Shell = "/bin/sh" })
	first := f.terminal(mainSession)
	first.send("stty -echo; PS1=; echo begun\n")
	first.until("begun")
	message := f.fails(f.call("POST", mainSession, "attach", nil, upgradeHeader), 409, "Conflict")
	if !strings.Contains(message, "takeover=true") {
		t.Errorf("message %q names no way on", message)
	}
	viewer := f.terminal(strings.ReplaceAll(mainSession, "&stdin=true", "&offset=0"))
	viewer.until("begun")
	second := f.terminal(mainSession + "&takeover=true")
	for !first.taken {
		first.next()
	}
	second.send("echo second; exit\n")
	for _, s := range []*session{second, viewer, first} {
		s.until("second\r\n")
		s.finish()
	}
}

func TestFullScreenProgramsWriteIntoTheScrollback(t *testing.T) {
	f := serveChanged(t, 1<<20, 0, func(s *Server) { s.Shell = "/bin/sh" })
	for altScreen, expected := range map[string]string{"strip": "[inside]end", "keep": "\x1b[?1049h[inside]\x1b[?1049lend"} {
		s := f.terminal("/v1/terminals?session=" + altScreen + "&retentionSeconds=60&stdin=true&altScreen=" + altScreen)
		s.send("stty -echo; PS1=; printf '\\033[?1049h[inside]\\033[?1049le'; printf nd; exit\n")
		s.finish()
		if !strings.Contains(string(s.seen.stdout), expected) {
			t.Errorf("altScreen=%s shows %q, expected %q", altScreen, tail(s.seen.stdout), expected)
		}
	}
}

func TestWhatIsWrongWithASessionIsAnHTTPError(t *testing.T) {
	f := serve(t, 1<<20)
	for _, c := range []struct {
		path, code, text string
		status           int
	}{
		{"/v1/terminals?session=..&retentionSeconds=60", "Invalid", "session \"..\"", 422},
		{"/v1/terminals?session=main", "Invalid", "retention 0s", 422},
		{"/v1/terminals?session=main&retentionSeconds=60&altScreen=x", "BadRequest", "strip or keep", 400},
		{"/v1/terminals?session=main&retentionSeconds=60&cols=5000", "Invalid", "terminal size", 422},
		{"/v1/terminals?session=main&retentionSeconds=60&takeover=true", "BadRequest", "stdin=true", 400},
	} {
		if message := f.fails(f.call("POST", c.path, "attach", nil, upgradeHeader), c.status, c.code); !strings.Contains(message, c.text) {
			t.Errorf("%s: %q, expected %q", c.path, message, c.text)
		}
	}
	f.fails(f.call("POST", mainSession, "attach", nil, nil), 400, "BadRequest")
	f.fails(f.call("POST", mainSession, "log", nil, upgradeHeader), 403, "Forbidden")
	if items := f.terminals(); items != 0 {
		t.Errorf("%d shells were started by what failed", items)
	}
}

func (f *fixture) terminals() (count int) {
	var list struct{ Items []process.Info }
	f.answer(f.call("GET", "/v1/processes", "processes", nil, nil), 200, &list)
	return len(list.Items)
}
