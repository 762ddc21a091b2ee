package server

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/process"
	"agenttier.io/images/sandboxd/internal/token/tokentest"
)

func TestEveryCallNeedsATokenOfItsOperation(t *testing.T) {
	f := serve(t, 1<<20)
	for _, c := range []struct{ method, path string }{
		{"POST", "/v1/processes"}, {"GET", "/v1/processes"}, {"GET", "/v1/processes/x"}, {"DELETE", "/v1/processes/x"}, {"GET", "/v1/processes/x/log"}, {"POST", "/v1/processes/x/attach"},
		{"GET", "/v1/files?path=/"}, {"PUT", "/v1/files?path=x"}, {"GET", "/v1/report"}, {"POST", "/v1/configure"},
	} {
		f.fails(f.callWith("", c.method, c.path, nil, nil), 401, "Unauthorized")
		f.fails(f.callWith("a.b.c", c.method, c.path, nil, nil), 401, "Unauthorized")
		f.fails(f.call(c.method, c.path, "seed", nil, nil), 403, "Forbidden")
	}
	f.fails(f.callWith("", "GET", "/v1/report", nil, http.Header{"Authorization": {"Basic eDp5"}}), 401, "Unauthorized")
}

func TestUnknownPathsAndMethodsAreErrorsOfOurForm(t *testing.T) {
	f := serve(t, 1<<20)
	for _, path := range []string{"/", "/v1", "/v1/processes/", "/v1/processes/x/", "/v1/processes/x/other", "/v1/processes//log", "/v1/processes/x/log/y", "/V1/report", "/v1/../v1/report"} {
		f.fails(f.call("GET", path, "report", nil, nil), 404, "NotFound")
	}
	f.fails(f.call("PATCH", "/v1/report", "report", nil, nil), 405, "MethodNotAllowed")
	f.fails(f.call("DELETE", "/readyz", "", nil, nil), 405, "MethodNotAllowed")
	f.fails(f.call("GET", "/v1/files?path=a&path=b", "files.read", nil, nil), 400, "BadRequest")
	f.fails(f.call("GET", "/v1/files?path=%zz", "files.read", nil, nil), 400, "BadRequest")
	f.fails(f.call("POST", "/v1/processes?watch=yes", "exec", nil, nil), 400, "BadRequest")
}

func TestOwnLimitsReadingToTheUsersProcesses(t *testing.T) {
	f := serve(t, 1<<20)
	body := exec("true")
	body["name"] = "hers"
	f.watch(body)
	own := map[string]any{"own": true}
	f.fails(f.callWith(f.token("bob", "log", own), "GET", "/v1/processes/hers/log", nil, nil), 403, "Forbidden")
	f.fails(f.callWith(f.token("bob", "processes", own), "GET", "/v1/processes/hers", nil, nil), 403, "Forbidden")
	var list struct{ Items []process.Info }
	f.answer(f.callWith(f.token("bob", "processes", own), "GET", "/v1/processes", nil, nil), 200, &list)
	if len(list.Items) != 0 {
		t.Errorf("bob sees %v", list.Items)
	}
	f.answer(f.callWith(f.token("alice", "processes", own), "GET", "/v1/processes", nil, nil), 200, &list)
	if len(list.Items) != 1 {
		t.Errorf("alice sees %d", len(list.Items))
	}
	f.answer(f.callWith(f.token("bob", "processes", nil), "GET", "/v1/processes/hers", nil, nil), 200, nil)
}

func TestOnlyTLS13AndHTTP11AreSpoken(t *testing.T) {
	f := serve(t, 1<<20)
	old := f.tls.Clone()
	old.MaxVersion = tls.VersionTLS12
	if conn, err := tls.Dial("tcp", f.address, old); err == nil {
		conn.Close()
		t.Error("TLS 1.2 was accepted")
	}
	both := f.tls.Clone()
	both.NextProtos = []string{"h2", "http/1.1"}
	conn, err := tls.Dial("tcp", f.address, both)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := conn.ConnectionState().NegotiatedProtocol; got != "http/1.1" {
		t.Errorf("negotiated %q", got)
	}
	// What no client library would send.
	for _, raw := range []string{
		"GET /readyz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"POST /v1/processes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
		"GET /v1/report HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("x", 64<<10) + "\r\n\r\n",
		"GET /v1/report\r\n\r\n",
	} {
		conn, err := tls.Dial("tcp", f.address, f.tls)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, raw); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil && response.StatusCode < 400 {
			t.Errorf("%.40q was answered %d", raw, response.StatusCode)
		}
		conn.Close()
	}
}

func TestConnectionsBeyondTheLimitAreClosed(t *testing.T) {
	f := serve(t, 1<<20)
	var open []*tls.Conn
	defer func() {
		for _, conn := range open {
			conn.Close()
		}
	}()
	for range maxConnections {
		conn, err := tls.Dial("tcp", f.address, f.tls)
		if err != nil {
			t.Fatalf("connection %d: %v", len(open)+1, err)
		}
		open = append(open, conn)
	}
	if conn, err := tls.Dial("tcp", f.address, f.tls); err == nil {
		conn.Close()
		t.Errorf("connection %d was accepted", len(open)+1)
	}
}

func TestReadyHoldsItsAnswerUntilTheStartHasEnded(t *testing.T) {
	f := serve(t, 1<<20)
	answers := make(chan string)
	go func() {
		response, err := f.client.Get(f.url + "/readyz")
		if err != nil {
			answers <- err.Error()
			return
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		answers <- fmt.Sprint(response.StatusCode, " ", string(text))
	}()
	select {
	case got := <-answers:
		t.Fatalf("answered %q before the end of the start", got)
	default:
	}
	close(f.ready)
	if got := <-answers; got != "200 ok" {
		t.Errorf("answer %q", got)
	}
	close(f.stopping)
	f.fails(f.callWith("", "GET", "/readyz", nil, nil), 503, "ServiceUnavailable")
}

func TestReportCountsWhatRuns(t *testing.T) {
	f := serve(t, 1<<20)
	body := script("echo; sleep 1000")
	body["onDisconnect"] = "keep"
	f.answer(f.call("POST", "/v1/processes", "exec", jsonBody(body), nil), 201, nil)
	var report struct {
		Running, Viewers int
		LastActivity     time.Time
	}
	f.answer(f.call("GET", "/v1/report", "report", nil, nil), 200, &report)
	if report.Running != 1 || report.Viewers != 0 || report.LastActivity.IsZero() {
		t.Errorf("report %+v", report)
	}
}

func TestTokenOfAnotherIncarnationIsRefused(t *testing.T) {
	f := serve(t, 1<<20)
	jwt := f.signer.Sign(tokentest.Claims("ffffffff", "alice", "processes", time.Now()), nil)
	message := f.fails(f.callWith(jwt, "GET", "/v1/processes", nil, nil), 401, "Unauthorized")
	if !strings.Contains(message, "ffffffff") || !strings.Contains(message, incarnation) {
		t.Errorf("message %q", message)
	}
}
