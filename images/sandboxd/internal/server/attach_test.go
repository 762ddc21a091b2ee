package server

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/frames"
	"agenttier.io/images/sandboxd/internal/process"
)

func TestStdinByAttachReachesTheProcessAndItsEndToo(t *testing.T) {
	f := serve(t, 1<<20)
	s := f.begin(named(withStdin(script("cat; echo end >&2; exit 3")), "c"))
	if s.header.Get("AgentTier-Process") != incarnation+".c" || s.header.Get("AgentTier-Protocol") != "1" || s.sent != 0 {
		t.Errorf("header %v", s.header)
	}
	s.send("hello ")
	s.until("hello ") // unbuffered both ways
	s.send("world")
	s.closeStdin()
	exited(t, s.finish(), 3)
	if string(s.seen.stdout) != "hello world" || string(s.seen.stderr) != "end\n" || !s.seen.start.StdinOpen || s.seen.start.TTY {
		t.Errorf("stdout %q, stderr %q, start %+v", s.seen.stdout, s.seen.stderr, s.seen.start)
	}
	var info process.Info
	f.answer(f.call("GET", "/v1/processes/c", "processes", nil, nil), 200, &info)
	if info.BytesStdin != 11 || info.StdinOpen {
		t.Errorf("info %+v", info)
	}
}

func TestStdinStaysOpenWithoutAWriterAndGoesOnAtItsOffset(t *testing.T) {
	f := serve(t, 1<<20)
	first := f.begin(named(withStdin(exec("cat")), "c"))
	first.send("abc")
	first.until("abc")
	first.conn.Close()
	again := f.join("c", "stdin=true&takeover=true&offset=1")
	if again.sent != 3 {
		t.Fatalf("stdin goes on at %d", again.sent)
	}
	again.sent = 1 // a client that does not know what arrived sends it again
	again.send("bcdef")
	again.closeStdin()
	exited(t, again.finish(), 0)
	if string(again.seen.stdout) != "bcdef" || again.seen.end != 6 {
		t.Errorf("stdout %q to %d", again.seen.stdout, again.seen.end)
	}
}

func TestSecondWriterIsRefusedOrTakesOver(t *testing.T) {
	f := serve(t, 1<<20)
	first := f.begin(named(withStdin(exec("cat")), "c"))
	first.send("1\n")
	first.until("1\n")
	f.fails(f.call("POST", "/v1/processes/c/attach?stdin=true", "attach", nil, upgradeHeader), 409, "Conflict")
	body := named(withStdin(exec("cat")), "c")
	f.fails(f.call("POST", "/v1/processes?attach=true", "exec", jsonBody(body), upgradeHeader), 409, "Conflict")
	viewer := f.join("c", "")
	second := f.join("c", "stdin=true&takeover=true")
	for !first.taken {
		first.next()
	}
	first.send("lost\n") // in flight when the place was taken: without effect, and no error
	first.send("lost\n")
	second.send("2\n")
	second.closeStdin()
	for _, s := range []*session{first, second, viewer} {
		exited(t, s.finish(), 0)
		if string(s.seen.stdout) != "1\n2\n" || s.refusal != "" {
			t.Errorf("stdout %q, error %q", s.seen.stdout, s.refusal)
		}
	}
}

func TestWriterThatLeftFreesThePlace(t *testing.T) {
	f := serve(t, 1<<20)
	first := f.begin(named(withStdin(exec("cat")), "c"))
	first.conn.Close()
	for { // the other side notices a little later
		response := f.call("POST", "/v1/processes/c/attach?stdin=true", "attach", nil, upgradeHeader)
		if response.StatusCode == http.StatusConflict {
			response.Body.Close()
			continue
		}
		s := f.upgraded(response)
		s.closeStdin()
		exited(t, s.finish(), 0)
		return
	}
}

func TestTakeoverFreesAWriterThatIsHeldByAProcessThatDoesNotRead(t *testing.T) {
	f := serve(t, 4<<20)
	first := f.begin(named(withStdin(script("while [ ! -e go ]; do sleep 0.01; done; tail -c 5")), "c"))
	flooded := make(chan struct{})
	go func() {
		defer close(flooded)
		for { // until the connection is cut
			if first.to.Output(frames.Input, first.sent, bytes.Repeat([]byte("x"), 1000)) != nil {
				return
			}
			first.sent += 1000
		}
	}()
	var info process.Info
	for info.BytesStdin < 256<<10 { // the buffer is full and the pipe has some, if only its two pages under the user's soft limit: the first waits for room
		f.answer(f.call("GET", "/v1/processes/c", "processes", nil, nil), 200, &info)
	}
	second := f.join("c", "stdin=true&takeover=true")
	if second.sent > (256+64)<<10 {
		t.Errorf("%d bytes were accepted for a process that reads none", second.sent)
	}
	first.conn.Close()
	<-flooded
	f.answer(f.call("PUT", "/v1/files?path=go", "files.write", nil, nil), 201, nil)
	second.send("\ntail")
	second.closeStdin()
	exited(t, second.finish(), 0)
	if string(second.seen.stdout) != "\ntail" {
		t.Errorf("stdout %q", second.seen.stdout)
	}
}

func TestEndedProcessGivesItsOutputAndRecordToWhoAttachesLate(t *testing.T) {
	f := serve(t, 1<<20)
	f.watch(named(withStdin(script("exec <&-; echo out; exit 5")), "c"))
	s := f.join("c", "stdin=true")
	s.send("nobody reads this")
	exited(t, s.finish(), 5)
	if string(s.seen.stdout) != "out\n" {
		t.Errorf("stdout %q", s.seen.stdout)
	}
	stdout := f.join("c", "stream=stdout&offset=2")
	exited(t, stdout.finish(), 5)
	if string(stdout.seen.stdout) != "t\n" {
		t.Errorf("stdout %q", stdout.seen.stdout)
	}
	f.fails(f.call("POST", "/v1/processes/c/attach?offset=5", "attach", nil, upgradeHeader), 400, "BadRequest")
}

func TestStdinOfAProcessThatDoesNotWantItIsThrownAway(t *testing.T) {
	f := serve(t, 1<<20)
	s := f.begin(named(withStdin(script("exec <&-; echo closed; while [ ! -e go ]; do sleep 0.01; done; exit 5")), "c"))
	s.until("closed\n")
	for range 64 {
		s.send(string(make([]byte, 64<<10)))
	}
	f.answer(f.call("PUT", "/v1/files?path=go", "files.write", nil, nil), 201, nil)
	exited(t, s.finish(), 5)
	var info process.Info
	f.answer(f.call("GET", "/v1/processes/c", "processes", nil, nil), 200, &info)
	if info.BytesStdin < 1<<20 || info.BytesStdin > s.sent {
		t.Errorf("%d bytes counted of %d", info.BytesStdin, s.sent)
	}
}

func TestProgramThatCannotStartIsARecordForAnAttachToo(t *testing.T) {
	f := serve(t, 1<<20)
	for _, body := range []request{withStdin(exec("no-such-program")), terminal(exec("/no/such/program"))} {
		s := f.begin(body)
		s.send("x")
		if r := s.finish(); r.Outcome != process.NotStarted || *r.Code != 127 {
			t.Errorf("exit %+v", *r)
		}
	}
}

func TestWhatIsWrongBeforeTheUpgradeIsAnHTTPError(t *testing.T) {
	f := serve(t, 1<<20)
	f.answer(f.call("POST", "/v1/processes", "exec", jsonBody(named(exec("sleep", "1000"), "s")), nil), 201, nil)
	for _, c := range []struct {
		path, operation string
		body            request
		header          http.Header
		status          int
		code            string
	}{
		{"/v1/processes/s/attach", "attach", nil, nil, 400, "BadRequest"},
		{"/v1/processes/s/attach", "attach", nil, http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}}, 400, "BadRequest"},
		{"/v1/processes/s/attach", "attach", request{}, upgradeHeader, 400, "BadRequest"},
		{"/v1/processes/s/attach", "log", nil, upgradeHeader, 403, "Forbidden"},
		{"/v1/processes/s/attach?stdin=true", "attach", nil, upgradeHeader, 409, "Conflict"},
		{"/v1/processes/s/attach?takeover=true", "attach", nil, upgradeHeader, 400, "BadRequest"},
		{"/v1/processes/s/attach?stream=x", "attach", nil, upgradeHeader, 400, "BadRequest"},
		{"/v1/processes/none/attach", "attach", nil, upgradeHeader, 404, "NotFound"},
		{"/v1/processes/ffffffff.s/attach", "attach", nil, upgradeHeader, 410, "Gone"},
		{"/v1/processes?attach=true", "exec", exec("true"), nil, 400, "BadRequest"},
		{"/v1/processes?attach=true&watch=true", "exec", exec("true"), upgradeHeader, 400, "BadRequest"},
		{"/v1/processes?takeover=true", "exec", exec("true"), upgradeHeader, 400, "BadRequest"},
		{"/v1/processes?attach=true", "exec", request{"class": "exec"}, upgradeHeader, 422, "Invalid"},
		{"/v1/processes?attach=true", "exec", request{"class": "exec", "argv": []string{"cat"}, "openStdin": true, "stdinBase64": []byte("x")}, upgradeHeader, 422, "Invalid"},
		{"/v1/processes?attach=true", "exec", request{"class": "exec", "argv": []string{"cat"}, "tty": true, "cols": 1001}, upgradeHeader, 422, "Invalid"},
	} {
		var body io.Reader
		if c.body != nil {
			body = jsonBody(c.body)
		}
		f.fails(f.call("POST", c.path, c.operation, body, c.header), c.status, c.code)
	}
	own := f.token("bob", "attach", map[string]any{"own": true})
	f.fails(f.callWith(own, "POST", "/v1/processes/s/attach", nil, upgradeHeader), 403, "Forbidden")
	var list struct{ Items []process.Info }
	f.answer(f.call("GET", "/v1/processes", "processes", nil, nil), 200, &list)
	if len(list.Items) != 1 {
		t.Errorf("%d processes were started", len(list.Items))
	}
}

func TestWhatCannotBeAcceptedAfterTheUpgradeIsTold(t *testing.T) {
	f := serve(t, 1<<20)
	for text, spoil := range map[string]func(s *session){
		"stdin at offset 7: bytes from 0 on": func(s *session) { s.sent = 7; s.send("x") },
		"malformed frame: type 'o'":          func(s *session) { _ = s.to.Output(frames.Stdout, 0, nil) },
		"malformed frame: offset":            func(s *session) { _ = s.to.Output(frames.Input, -1, nil) },
		"resize \"[]\"":                      func(s *session) { s.resize("[]") },
		"0 cols and 5 rows":                  func(s *session) { s.resize(`{"rows":5}`) },
	} {
		s := f.begin(withStdin(exec("cat")))
		spoil(s)
		s.refused(text)
	}
	reader := f.begin(exec("sleep", "1000"))
	reader.send("x")
	reader.refused("stdin=true")
}

func TestSilentClientIsDroppedAndOneWithKeepalivesIsNot(t *testing.T) {
	f := serveChanged(t, 1<<20, 10*time.Second, func(s *Server) { s.silence = time.Second })
	lively := f.begin(named(withStdin(exec("cat")), "c"))
	silent := f.join("c", "")
	dropped := make(chan struct{})
	go func() {
		defer close(dropped)
		_, _ = io.Copy(io.Discard, silent.conn)
	}()
	for waiting := true; waiting; {
		select {
		case <-dropped:
			waiting = false
		case <-time.After(20 * time.Millisecond):
			if err := lively.to.Keepalive(); err != nil {
				t.Fatal(err)
			}
		}
	}
	lively.send("still here")
	lively.closeStdin()
	exited(t, lively.finish(), 0)
	if string(lively.seen.stdout) != "still here" {
		t.Errorf("stdout %q", lively.seen.stdout)
	}
}

func TestClientThatLeavesAnAttachCancelsAfterTheGrace(t *testing.T) {
	f := serveWith(t, 1<<20, time.Millisecond, 0)
	s := f.begin(named(withStdin(exec("cat")), "left"))
	s.send("x")
	s.until("x")
	s.conn.Close()
	var info process.Info
	for info.Exit == nil {
		f.answer(f.call("GET", "/v1/processes/left", "processes", nil, nil), 200, &info)
	}
	if info.Exit.Outcome != "canceled" || info.Exit.By != "disconnect" {
		t.Errorf("exit %+v", *info.Exit)
	}
}

func TestTakenPlaceIsToldWhileOutputNeverPauses(t *testing.T) {
	f := serve(t, 1<<20)
	first := f.begin(named(withStdin(exec("yes")), "y"))
	second := f.join("y", "stdin=true&takeover=true&stream=stderr")
	for !first.taken && first.next() {
	}
	first.conn.Close()
	second.conn.Close()
}
