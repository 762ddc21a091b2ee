package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/clock"
	"agenttier.io/images/sandboxd/internal/configure"
	"agenttier.io/images/sandboxd/internal/files"
	"agenttier.io/images/sandboxd/internal/frames"
	"agenttier.io/images/sandboxd/internal/oom"
	"agenttier.io/images/sandboxd/internal/process"
	"agenttier.io/images/sandboxd/internal/reaper"
	"agenttier.io/images/sandboxd/internal/spool"
	"agenttier.io/images/sandboxd/internal/token"
	"agenttier.io/images/sandboxd/internal/token/tokentest"
)

const incarnation = "0a1b2c3d"

var theReaper *reaper.Reaper

// TestMain lets this test binary also be the program that a test runs in the sandbox.
func TestMain(m *testing.M) {
	if seed := os.Getenv("INTERLEAVE"); seed != "" {
		interleave(seed)
		return
	}
	var err error
	if theReaper, err = reaper.New(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// fixture is a sandboxd served in this process, with a client that trusts its CA.
type fixture struct {
	t        *testing.T
	root     string
	url      string
	client   *http.Client
	signer   *tokentest.Identity
	ready    chan struct{}
	stopping chan struct{}
	address  string
	tls      *tls.Config
}

func serve(t testing.TB, spoolBytes int64) *fixture {
	t.Helper()
	return serveWith(t, spoolBytes, 10*time.Second, 0)
}

func serveWith(t testing.TB, spoolBytes int64, grace, keepalive time.Duration) *fixture {
	t.Helper()
	return serveChanged(t, spoolBytes, grace, func(s *Server) { s.keepalive = keepalive })
}

func serveChanged(t testing.TB, spoolBytes int64, grace time.Duration, change func(*Server)) *fixture {
	t.Helper()
	now := time.Now()
	ca := tokentest.NewCA(now)
	certificate, err := tls.X509KeyPair(ca.Server(incarnation).PEM())
	if err != nil {
		t.Fatal(err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	output := spool.New(t.TempDir(), spoolBytes, func(err error) { t.Error(err) })
	table := process.NewTable(&process.Host{
		Incarnation: incarnation, WorkingDir: root, Env: os.Environ(), DisconnectGrace: grace, Clock: clock.System{},
		Reaper: theReaper, Spool: output, OOM: oom.NewLedger(oom.Counter()), Null: null,
	})
	f := &fixture{root: root, signer: ca.Issue(string(token.APIServer), nil), ready: make(chan struct{}), stopping: make(chan struct{})}
	tree := files.NewTree(root)
	s := &Server{
		Tokens: token.NewVerifier(incarnation, ca.Pool(), time.Now), Processes: table, Files: tree, Clock: clock.System{},
		Configuration: configure.New(tree, table, func(err error) { t.Error(err) }),
		Ready:         f.ready, Stopping: f.stopping,
	}
	change(s)
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := Secure(port, TLS(certificate))
	web := s.HTTP()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}()
	f.address = listener.Addr().String()
	f.url = "https://" + f.address
	f.tls = &tls.Config{RootCAs: ca.Pool(), ServerName: incarnation + ".sandbox.agenttier.io"}
	transport := &http.Transport{TLSClientConfig: f.tls, DialContext: (&net.Dialer{}).DialContext}
	f.client = &http.Client{Transport: transport}
	t.Cleanup(func() {
		if err := table.Close("test"); err != nil {
			t.Error(err)
		}
		transport.CloseIdleConnections()
		s.CloseUploads()
		web.Close()
		over, cancel := context.WithCancel(context.Background())
		cancel()
		s.CloseAttached(over)
		<-done
		output.Close()
		null.Close()
	})
	if tt, ok := t.(*testing.T); ok {
		f.t = tt
	}
	return f
}

func (f *fixture) token(subject, operation string, more map[string]any) string {
	claims := tokentest.Claims(incarnation, subject, operation, time.Now())
	for name, value := range more {
		claims[name] = value
	}
	return f.signer.Sign(claims, nil)
}

// call sends one request with a token of alice for operation; header may be nil. The caller closes the body.
func (f *fixture) call(method, path, operation string, body io.Reader, header http.Header) *http.Response {
	f.t.Helper()
	return f.callWith(f.token("alice", operation, nil), method, path, body, header)
}

func (f *fixture) callWith(jwt, method, path string, body io.Reader, header http.Header) *http.Response {
	f.t.Helper()
	request, err := http.NewRequest(method, f.url+path, body)
	if err != nil {
		f.t.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if jwt != "" {
		request.Header.Set("Authorization", "Bearer "+jwt)
	}
	response, err := f.client.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	if got := response.Header.Get("AgentTier-Protocol"); got != "1" {
		f.t.Errorf("%s %s: AgentTier-Protocol = %q", method, path, got)
	}
	return response
}

// answer reads a JSON answer that must have status.
func (f *fixture) answer(response *http.Response, status int, into any) {
	f.t.Helper()
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	if response.StatusCode != status {
		f.t.Fatalf("status %d, expected %d: %s", response.StatusCode, status, text)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			f.t.Fatalf("%v: %s", err, text)
		}
	}
}

// fails expects an error answer and returns its message.
func (f *fixture) fails(response *http.Response, status int, code string) string {
	f.t.Helper()
	var answer struct{ Code, Message string }
	f.answer(response, status, &answer)
	if answer.Code != code || answer.Message == "" {
		f.t.Errorf("answer %+v, expected code %s", answer, code)
	}
	return answer.Message
}

func jsonBody(value any) io.Reader {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return bytes.NewReader(text)
}

type request = map[string]any

// watch starts a process and returns its whole stream.
func (f *fixture) watch(body request) result {
	f.t.Helper()
	response := f.call("POST", "/v1/processes?watch=true", "exec", jsonBody(body), nil)
	return f.collect(response)
}

type result struct {
	start          process.Info
	stdout, stderr []byte
	combined       []byte
	gaps           [][2]int64
	next           int64
	exit           *process.Record
	end            int64
}

// collect reads frames of a view until the stream ends, checking that offsets have no hole that a gap does not explain.
func (f *fixture) collect(response *http.Response) result {
	f.t.Helper()
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != frames.ContentType {
		text, _ := io.ReadAll(response.Body)
		f.t.Fatalf("status %d, type %q: %s", response.StatusCode, response.Header.Get("Content-Type"), text)
	}
	r := result{next: -1}
	for {
		frame, err := frames.Read(response.Body)
		if errors.Is(err, io.EOF) {
			return r
		}
		if err != nil {
			f.t.Fatal(err)
		}
		r.add(f.t, frame)
	}
}

func (r *result) add(t *testing.T, frame frames.Frame) {
	t.Helper()
	switch frame.Type {
	case frames.Stdout, frames.Stderr:
		if r.next >= 0 && frame.Offset != r.next {
			t.Fatalf("frame at offset %d, expected %d", frame.Offset, r.next)
		}
		r.next = frame.Offset + int64(len(frame.Data))
		r.combined = append(r.combined, frame.Data...)
		if frame.Type == frames.Stdout {
			r.stdout = append(r.stdout, frame.Data...)
		} else {
			r.stderr = append(r.stderr, frame.Data...)
		}
	case frames.Event:
		var event struct {
			Event    string
			Process  process.Info
			From, To int64
			Exit     *process.Record
			Offset   int64
		}
		if err := json.Unmarshal(frame.Data, &event); err != nil {
			t.Fatal(err)
		}
		switch event.Event {
		case "start":
			r.start = event.Process
		case "gap":
			if r.next >= 0 && event.From != r.next {
				t.Fatalf("gap from %d, expected %d", event.From, r.next)
			}
			r.gaps = append(r.gaps, [2]int64{event.From, event.To})
			r.next = event.To
		case "exit":
			r.exit, r.end = event.Exit, event.Offset
		default:
			t.Fatalf("event %q", event.Event)
		}
	}
}
