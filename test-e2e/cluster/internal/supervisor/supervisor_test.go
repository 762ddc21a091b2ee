package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// start runs a supervisor until the test ends.
func start(t *testing.T, specs ...Spec) *Supervisor {
	t.Helper()
	s, err := New(specs, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		s.Run(ctx)
		close(done)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return s
}

// await asks until the status of a process is as wanted, for as long as the test binary may run.
func await(t *testing.T, s *Supervisor, name string, wanted func(Status) bool) Status {
	t.Helper()
	for {
		for _, status := range s.Status(t.Context()) {
			if status.Name == name && wanted(status) {
				return status
			}
		}
		time.Sleep(time.Millisecond)
	}
}

func shell(t *testing.T, name, script string) Spec {
	return Spec{Name: name, Argv: []string{"/bin/sh", "-c", script}, Log: filepath.Join(t.TempDir(), name+".log")}
}

func running(s Status) bool { return s.State == Running }

func TestDeadProcessIsToldAndStartedAgain(t *testing.T) {
	spec := shell(t, "short", "echo alive; exit 3")
	s := start(t, spec)
	dead := await(t, s, "short", func(s Status) bool { return s.State == Dead })
	if !strings.Contains(dead.Problem, "exit status 3") || dead.PID != 0 {
		t.Errorf("got %+v", dead)
	}
	await(t, s, "short", func(s Status) bool { return s.Restarts >= 1 })
	if text, err := os.ReadFile(spec.Log); err != nil || !strings.HasPrefix(string(text), "alive\n") {
		t.Errorf("log %q, %v", text, err)
	}
}

func TestProgramThatIsNotThereIsDeadWithTheReason(t *testing.T) {
	s := start(t, Spec{Name: "none", Argv: []string{"/does/not/exist"}, Log: filepath.Join(t.TempDir(), "log")})
	status := await(t, s, "none", func(s Status) bool { return s.State == Dead })
	if !strings.Contains(status.Problem, "/does/not/exist") {
		t.Errorf("got %+v", status)
	}
}

func TestRestartGivesANewProcess(t *testing.T) {
	s := start(t, shell(t, "long", "exec sleep 1000"))
	before := await(t, s, "long", running)
	if err := s.Restart("long"); err != nil {
		t.Fatal(err)
	}
	after := await(t, s, "long", func(s Status) bool { return running(s) && s.PID != before.PID })
	if after.Restarts != 1 || !after.Since.After(before.Since) {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if err := s.Restart("other"); !errors.Is(err, ErrUnknown) {
		t.Errorf("unknown component: %v", err)
	}
}

func TestProcessWaitsForTheAnswerOfAnother(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "socket")
	first := shell(t, "first", "exec sleep 1000")
	first.Probe = Probe{Socket: socket}
	second := shell(t, "second", "exec sleep 1000")
	second.After = []string{"first"}
	s := start(t, first, second)
	await(t, s, "first", func(s Status) bool { return s.State == Failing })
	if status := await(t, s, "second", func(Status) bool { return true }); status.State != Waiting {
		t.Fatalf("second is %+v before first answers", status)
	}
	if err := s.Restart("second"); err == nil {
		t.Error("a component that has not been started was restarted")
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	await(t, s, "second", running)
}

func TestSpecsThatCannotWorkAreRefused(t *testing.T) {
	for name, specs := range map[string][]Spec{
		"name twice":      {{Name: "a"}, {Name: "a"}},
		"unknown other":   {{Name: "a", After: []string{"b"}}},
		"after itself":    {{Name: "a", After: []string{"a"}}},
		"unknown of many": {{Name: "a"}, {Name: "b", After: []string{"a", "c"}}},
	} {
		if _, err := New(specs, slog.Default()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestProbeBelievesOnlyStatus200(t *testing.T) {
	for _, code := range []int{200, 204, 404, 500} {
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			if code == 500 {
				fmt.Fprint(w, "etcd failed")
			}
		}))
		err := Probe{URL: server.URL}.Check(t.Context())
		server.Close()
		if (err == nil) != (code == 200) {
			t.Errorf("%d: %v", code, err)
		}
		if code == 500 && !strings.Contains(err.Error(), "etcd failed") {
			t.Errorf("the answer's text is lost: %v", err)
		}
	}
	if err := (Probe{}).Check(t.Context()); err != nil {
		t.Errorf("a process without probe: %v", err)
	}
}

func TestControlSocketTellsAndRestarts(t *testing.T) {
	s := start(t, shell(t, "long", "exec sleep 1000"))
	before := await(t, s, "long", running)
	control := Control{Socket: filepath.Join(t.TempDir(), "control")}
	listener, err := net.Listen("unix", control.Socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	all, err := control.Status(ctx)
	if err != nil || len(all) != 1 || all[0].PID != before.PID || all[0].State != Running {
		t.Errorf("status %+v, %v", all, err)
	}
	if err := control.Restart(ctx, "long"); err != nil {
		t.Error(err)
	}
	await(t, s, "long", func(s Status) bool { return running(s) && s.PID != before.PID })
	if err := control.Restart(ctx, "a&b"); err == nil || !strings.Contains(err.Error(), `"a&b": no such component`) {
		t.Errorf("unknown component: %v", err)
	}
	cancel()
	if err := <-served; err != nil {
		t.Errorf("serving ended with %v", err)
	}
	if _, err := control.Status(t.Context()); err == nil {
		t.Error("a status without a supervisor")
	}
}

func TestPauseGrowsWithShortLivesOnly(t *testing.T) {
	tests := []struct{ previous, lived, want time.Duration }{
		{0, time.Millisecond, time.Second},
		{time.Second, time.Millisecond, 2 * time.Second},
		{16 * time.Second, time.Second, 30 * time.Second},
		{30 * time.Second, time.Second, 30 * time.Second},
		{30 * time.Second, time.Minute, time.Second},
	}
	for _, test := range tests {
		if got := Pause(test.previous, test.lived); got != test.want {
			t.Errorf("after a pause of %s and a life of %s: %s, want %s", test.previous, test.lived, got, test.want)
		}
	}
}
