package server

import (
	"encoding/json"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/frames"
)

// untilNotice reads up to the next notice.
func (s *session) untilNotice() notice {
	s.t.Helper()
	for {
		frame, err := frames.Read(s.conn)
		if err != nil {
			s.t.Fatalf("no notice: %v", err)
		}
		var event noticeEvent
		if frame.Type == frames.Event {
			if err := json.Unmarshal(frame.Data, &event); err != nil {
				s.t.Fatal(err)
			}
		}
		if event.Event == "notice" {
			return event.notice
		}
		s.seen.add(s.t, frame)
	}
}

func (f *fixture) announce(kind, text string, at time.Time) {
	f.t.Helper()
	body := request{}
	if kind != "" {
		body = request{"kind": kind, "text": text, "at": at.Format(time.RFC3339Nano)}
	}
	f.answer(f.call("POST", "/v1/notice", "notice", jsonBody(body), nil), 204, nil)
}

func TestANoticeReachesEveryTerminalBesideItsOutput(t *testing.T) {
	f := serve(t, 1<<20)
	soon := time.Now().Add(time.Hour)
	writer := f.begin(named(terminal(script("stty -echo; echo ready; cat")), "t"))
	writer.until("ready\r\n")
	viewer := f.join("t", "")
	f.announce("MaxRuntimeReached", "stops soon", soon)
	late := f.join("t", "")
	for _, s := range []*session{writer, viewer, late} {
		if n := s.untilNotice(); n.Kind != "MaxRuntimeReached" || n.Text != "stops soon" {
			t.Errorf("notice %+v", n)
		}
	}
	f.announce("", "", soon)
	for _, s := range []*session{writer, viewer, late} {
		if n := s.untilNotice(); n.Kind != "" || n.Text != "" {
			t.Errorf("notice %+v, expected that it is taken back", n)
		}
	}
	writer.send("bye\n")
	writer.until("bye\r\n")
	writer.closeStdin()
	for _, s := range []*session{writer, viewer, late} {
		exited(t, s.finish(), 0)
		if string(s.seen.stdout) != "ready\r\nbye\r\n" {
			t.Errorf("stdout %q", s.seen.stdout)
		}
	}
	if r := f.collect(f.call("GET", "/v1/processes/t/log", "log", nil, nil)); string(r.combined) != "ready\r\nbye\r\n" {
		t.Errorf("recorded output %q", r.combined)
	}
}

func TestANoticeNeverReachesAPipe(t *testing.T) {
	f := serve(t, 1<<20)
	s := f.begin(withStdin(script("echo ready; cat")))
	s.until("ready\n")
	f.announce("MaxRuntimeReached", "stops soon", time.Now().Add(time.Hour))
	s.send("after\n")
	s.until("after\n")
	s.closeStdin()
	exited(t, s.finish(), 0) // an event that is unknown here would have failed
}

func TestANoticeWhoseTimeHasComeIsNotTold(t *testing.T) {
	f := serve(t, 1<<20)
	f.announce("MaxRuntimeReached", "stops soon", time.Now().Add(-time.Second))
	s := f.begin(terminal(script("echo only")))
	exited(t, s.finish(), 0)
}
