package server

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/frames"
	"agenttier.io/images/sandboxd/internal/process"
)

func TestTerminalIsOneWithItsSizeFromTheStart(t *testing.T) {
	t.Setenv("TERM", "") // so that it comes back
	os.Unsetenv("TERM")
	f := serve(t, 1<<20)
	body := terminal(script("test -t 0 && test -t 1 && test -t 2 && stty size && echo $TERM >&2 && echo ok >/dev/tty"))
	s := f.begin(body)
	exited(t, s.finish(), 0)
	if string(s.seen.stdout) != "40 120\r\nxterm-256color\r\nok\r\n" || s.seen.stderr != nil || !s.seen.start.TTY {
		t.Errorf("stdout %q, stderr %q, start %+v", s.seen.stdout, s.seen.stderr, s.seen.start)
	}
	body = terminal(script("stty size; echo $TERM"))
	body["cols"], body["rows"], body["env"] = 81, 7, request{"TERM": "vt100"}
	s = f.begin(body)
	exited(t, s.finish(), 0)
	if string(s.seen.stdout) != "7 81\r\nvt100\r\n" {
		t.Errorf("stdout %q", s.seen.stdout)
	}
}

func TestResizeIsSeenByTheForegroundProgram(t *testing.T) {
	f := serve(t, 1<<20)
	s := f.begin(named(terminal(script("trap 'stty size' WINCH; echo ready; while :; do sleep 0.01; done")), "t"))
	s.until("ready")
	s.resize(`{"cols":100,"rows":30}`)
	s.until("30 100\r\n")
	viewer := f.join("t", "") // whose window is not the one that the writer sees
	viewer.resize(`{"cols":50,"rows":10}`)
	viewer.until("30 100\r\n")
	s.resize(`{"cols":101,"rows":31}`)
	s.until("31 101\r\n")
	s.send("\x03")
	if r := s.finish(); r.Outcome != process.Signaled || r.Signal != "INT" {
		t.Errorf("exit %+v", *r)
	}
	viewer.finish()
	if bytes.Contains(viewer.seen.stdout, []byte("10 50")) {
		t.Errorf("the viewer resized the terminal: %q", viewer.seen.stdout)
	}
}

func TestControlKeysReachTheForegroundProgramOnly(t *testing.T) {
	f := serve(t, 1<<20)
	s := f.begin(terminal(script("trap 'echo trapped' INT; sh -c 'trap - INT; echo ready; exec sleep 1000'; echo after; cat; echo end")))
	s.until("ready")
	s.send("\x03")
	s.until("after")
	s.send("line\n")
	s.until("line\r\nline\r\n") // the echo, and what cat wrote
	s.send("\x04")
	exited(t, s.finish(), 0)
	if !strings.HasSuffix(string(s.seen.stdout), "end\r\n") {
		t.Errorf("stdout %q", s.seen.stdout)
	}
}

func TestClosedStdinIsTheEndOfInputOfATerminal(t *testing.T) {
	f := serve(t, 1<<20)
	for _, text := range []string{"", "line\n", "begun line"} {
		s := f.begin(terminal(script("stty -echo; echo ready; cat; echo end")))
		s.until("ready\r\n")
		s.send(text)
		s.closeStdin()
		exited(t, s.finish(), 0)
		want := "ready\r\n" + strings.ReplaceAll(text, "\n", "\r\n") + "end\r\n"
		if string(s.seen.stdout) != want {
			t.Errorf("stdout %q, expected %q", s.seen.stdout, want)
		}
	}
}

func TestPasteOfAMegabyteInRawModeArrivesUnchanged(t *testing.T) {
	f := serve(t, 8<<20)
	paste := random(t, 1<<20)
	s := f.begin(terminal(script(fmt.Sprintf("stty raw -echo; echo ready; head -c %d", len(paste)))))
	s.until("ready\n")
	go func() {
		for from := 0; from < len(paste); from += 100_000 {
			piece := paste[from:min(from+100_000, len(paste))]
			if err := s.to.Output(frames.Input, int64(from), piece); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	exited(t, s.finish(), 0)
	got := s.seen.stdout[len("ready\n"):]
	if sha256.Sum256(got) != sha256.Sum256(paste) {
		t.Errorf("%d bytes came back, not the %d sent", len(got), len(paste))
	}
}

func TestOutputJustBeforeTheEndOfATerminalIsNotLost(t *testing.T) {
	f := serve(t, 8<<20)
	for range 20 {
		s := f.begin(terminal(script("stty -opost; i=0; while [ $i -lt 2000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done; echo end")))
		exited(t, s.finish(), 0)
		if len(s.seen.stdout) != 2000*41+4 || !bytes.HasSuffix(s.seen.stdout, []byte("end\n")) {
			t.Fatalf("%d bytes, the end %q", len(s.seen.stdout), tail(s.seen.stdout))
		}
	}
}

func TestProgramThatClosesItsTerminalAndOpensItAgainGoesOn(t *testing.T) {
	f := serve(t, 1<<20)
	s := f.begin(terminal(script("exec <&- >&- 2>&-; sleep 0.05; echo back >/dev/tty; exit 4")))
	exited(t, s.finish(), 4)
	if string(s.seen.stdout) != "back\r\n" {
		t.Errorf("stdout %q", s.seen.stdout)
	}
}

func TestBackgroundProgramThatIgnoresTheHangupDoesNotHoldTheRecord(t *testing.T) {
	f := serve(t, 1<<20)
	s := f.begin(terminal(script("trap '' HUP; sleep 1000 & echo out; exit 6")))
	exited(t, s.finish(), 6)
	if string(s.seen.stdout) != "out\r\n" {
		t.Errorf("stdout %q", s.seen.stdout)
	}
}

func TestTerminalWithoutOpenStdinOrWithFixedBytes(t *testing.T) {
	f := serve(t, 1<<20)
	body := script("test -t 0 && echo yes")
	body["tty"] = true
	if r := f.watch(body); string(r.stdout) != "yes\r\n" || *r.exit.Code != 0 {
		t.Errorf("stdout %q, exit %+v", r.stdout, *r.exit)
	}
	body = script("stty -echo; cat")
	body["tty"], body["stdinBase64"] = true, []byte("fixed\n")
	if r := f.watch(body); !bytes.HasSuffix(r.stdout, []byte("fixed\r\n")) || *r.exit.Code != 0 {
		t.Errorf("stdout %q, exit %+v", r.stdout, *r.exit)
	}
}
