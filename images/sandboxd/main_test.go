package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/final"
	"agenttier.io/images/sandboxd/internal/token"
	"agenttier.io/images/sandboxd/internal/token/tokentest"
)

const incarnation = "0a1b2c3d"

// scratch is a folder for as long as the tests run.
var scratch string

// TestMain lets this test binary be a sandboxd: the tests start it again with a folder to serve from.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SANDBOXD_TEST_DIR"); dir != "" {
		os.Exit(serve(place{
			run: dir, spool: os.Getenv("SANDBOXD_TEST_SPOOL"), termination: filepath.Join(dir, "final"), address: os.Getenv("SANDBOXD_TEST_ADDRESS"),
		}))
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "sandboxd-test-"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(scratch)
	return m.Run()
}

// daemon is a sandboxd in a process of its own.
type daemon struct {
	t       *testing.T
	dir     string
	argv    []string
	env     []string
	command *exec.Cmd
	address string
	client  *http.Client
	signer  *tokentest.Identity
	// controller signs as the controller does.
	controller *tokentest.Identity
	log        output
}

// output is what a program has written so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(text)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// begin starts a sandboxd with a plan; more holds plan keys beside the usual.
func begin(t *testing.T, more map[string]any) *daemon {
	t.Helper()
	return beginWith(t, nil, more)
}

// beginWith starts one whose container has the variables env.
func beginWith(t *testing.T, env []string, more map[string]any) *daemon {
	t.Helper()
	return beginAs(t, []string{os.Args[0]}, env, more)
}

// beginAs starts one by argv.
func beginAs(t *testing.T, argv, env []string, more map[string]any) *daemon {
	t.Helper()
	d := &daemon{t: t, dir: t.TempDir(), argv: argv, address: freeAddress(t)}
	ca := tokentest.NewCA(time.Now())
	certificate, key := ca.Server(incarnation).PEM()
	root, spool := filepath.Join(d.dir, "root"), filepath.Join(d.dir, "spool")
	plan := map[string]any{"version": 1, "incarnation": incarnation, "root": root}
	for name, value := range more {
		plan[name] = value
	}
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{root, spool} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string][]byte{"start.json": text, "tls.crt": certificate, "ca.crt": ca.PEM(), "final": nil} {
		if err := os.WriteFile(filepath.Join(d.dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d.signer, d.controller = ca.Issue(string(token.APIServer), nil), ca.Issue(string(token.Controller), nil)
	d.client = &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: ca.Pool(), ServerName: incarnation + ".sandbox.agenttier.io"}}}
	d.env = append(append(os.Environ(), env...),
		"SANDBOXD_TEST_DIR="+d.dir, "SANDBOXD_TEST_SPOOL="+spool, "SANDBOXD_TEST_ADDRESS="+d.address, keyVariable+"="+string(key))
	d.start()
	return d
}

func (d *daemon) start() {
	d.t.Helper()
	command := exec.Command(d.argv[0], d.argv[1:]...)
	command.Env = d.env
	command.Stdout, command.Stderr = &d.log, &d.log
	if err := command.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.command = command
	d.t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// get asks until the daemon listens.
func (d *daemon) get(path, operation string) (int, string) {
	d.t.Helper()
	for {
		status, text, err := d.do("GET", path, operation, "")
		if err == nil {
			return status, text
		}
		if d.t.Context().Err() != nil || d.dead() {
			d.t.Fatalf("%v\n%s", err, d.log.String())
		}
	}
}

// dead reports whether it has ended and nobody has waited for it.
func (d *daemon) dead() bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.command.Process.Pid))
	return err == nil && bytes.Contains(stat, []byte(") Z "))
}

func (d *daemon) do(method, path, operation, body string) (int, string, error) {
	request, err := http.NewRequestWithContext(d.t.Context(), method, "https://"+d.address+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Authorization", "Bearer "+d.signer.Sign(tokentest.Claims(incarnation, "alice", operation, time.Now()), nil))
	response, err := d.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

func (d *daemon) script(text string) string {
	d.t.Helper()
	d.ready()
	_, answer, err := d.do("POST", "/v1/processes?watch=true", "exec", fmt.Sprintf(`{"class":"exec","script":%q}`, text))
	if err != nil {
		d.t.Fatal(err)
	}
	return answer
}

func (d *daemon) ready() {
	d.t.Helper()
	if status, text := d.get("/readyz", ""); status != 200 || text != "ok" {
		d.t.Fatalf("readyz: %d %s", status, text)
	}
}

// end waits for the daemon and returns its final record, whose code must be its exit code.
func (d *daemon) end() final.Record {
	d.t.Helper()
	_ = d.command.Wait() // the code is looked at below
	text, err := os.ReadFile(filepath.Join(d.dir, "final"))
	if err != nil {
		d.t.Fatal(err)
	}
	var record final.Record
	if err := json.Unmarshal(text, &record); err != nil {
		d.t.Fatalf("final record %q: %v; log: %s", text, err, d.log.String())
	}
	if code := d.command.ProcessState.ExitCode(); code != record.Code {
		d.t.Errorf("exit code %d, final record says %d", code, record.Code)
	}
	return record
}

func TestTheKeyIsOutOfReachOfCodeInTheSandbox(t *testing.T) {
	d := begin(t, nil)
	d.ready()
	d.script("env > env; cat /proc/$PPID/environ > parent 2>&1; true")
	env, err := os.ReadFile(filepath.Join(d.dir, "root", "env"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(env, []byte(keyVariable)) || bytes.Contains(env, []byte("PRIVATE KEY")) {
		t.Error("the environment of a process holds the key")
	}
	if !bytes.Contains(env, []byte("AGENTTIER_PROCESS=exec-"+incarnation)) {
		t.Error("the environment lacks the cookie")
	}
	// Root may read it even so: what it sees must have been wiped.
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", d.command.Process.Pid))
	if err == nil && bytes.Contains(environ, []byte("PRIVATE KEY")) {
		t.Error("/proc/<pid>/environ of sandboxd still holds the key")
	}
	status, err := os.Stat(fmt.Sprintf("/proc/%d/mem", d.command.Process.Pid))
	if err == nil && status.Sys().(*syscall.Stat_t).Uid != 0 {
		t.Error("/proc/<pid>/mem belongs to the user: sandboxd is dumpable")
	}
}

func TestAcceptsBeforeItHasReadItsPlan(t *testing.T) {
	d := begin(t, nil)
	d.ready()
	_ = d.command.Process.Kill()
	_ = d.command.Wait()
	path := filepath.Join(d.dir, "start.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil { // who reads it waits for a writer
		t.Fatal(err)
	}
	d.start()
	for {
		conn, err := net.Dial("tcp", d.address)
		if err == nil {
			conn.Close()
			break
		}
		if t.Context().Err() != nil {
			t.Fatalf("%v\n%s", err, d.log.String())
		}
	}
	if err := os.WriteFile(path, text, 0); err != nil {
		t.Fatal(err)
	}
	d.ready()
}

func TestStartSequenceRunsInOrderAndKeepsExistingFiles(t *testing.T) {
	dir := t.TempDir()
	existing := filepath.Join(dir, "existing")
	if err := os.WriteFile(existing, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	d := begin(t, map[string]any{
		"files": []map[string]any{
			{"path": existing, "contentBase64": []byte("theirs")},
			{"path": filepath.Join(dir, "deep/er/new"), "contentBase64": []byte("seed"), "mode": 0o640},
			{"path": filepath.Join(dir, "copy"), "from": existing},
			{"path": filepath.Join(dir, "one"), "contentBase64": []byte("old")},
			{"path": filepath.Join(dir, "one"), "contentBase64": []byte("new"), "mode": 0o600, "replace": true},
		},
		"initScripts": []string{"cat " + dir + "/deep/er/new > " + dir + "/first", "cat " + dir + "/first > " + dir + "/two"},
	})
	d.ready()
	for name, want := range map[string]string{"existing": "mine", "two": "seed", "copy": "mine", "one": "new"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s holds %q (%v), expected %q", name, got, err, want)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "deep/er/new")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode of a seeded file: %v %v", info, err)
	}
}

func TestFailingInitScriptEndsWithTheTailOfItsOutput(t *testing.T) {
	d := begin(t, map[string]any{"initScripts": []string{"true", "seq 1 5000; echo the reason >&2; exit 7", "echo never"}})
	record := d.end()
	if record.Reason != final.InitScriptFailed || record.Code != 1 || !strings.HasPrefix(record.Message, "init script 2: exited with code 7\n") ||
		!strings.HasSuffix(record.Message, "4999\n5000\nthe reason\n") {
		t.Errorf("final record %+v", record)
	}
	if log := d.log.String(); !strings.Contains(log, "init script 2: exited with code 7") || !strings.Contains(log, "the reason") {
		t.Errorf("the container's log lacks the code or the output: %s", log)
	}
}

func TestInitScriptsHaveATimeLimit(t *testing.T) {
	d := begin(t, map[string]any{"initScripts": []string{"sleep 1000"}, "initTimeoutSeconds": 1})
	if record := d.end(); record.Reason != final.InitScriptFailed || !strings.Contains(record.Message, "the limit of 1s") {
		t.Errorf("final record %+v", record)
	}
}

func TestExitOfTheCommandEndsTheSandbox(t *testing.T) {
	for name, c := range map[string]struct {
		command []string
		code    int
		signal  string
		message string
	}{
		"code":      {[]string{"sh", "-c", "sleep 1000 & exit 42"}, 42, "", ""},
		"signal":    {[]string{"sh", "-c", "kill -9 $$"}, 137, "KILL", ""},
		"not found": {[]string{"no-such-program"}, 127, "", "no-such-program"},
	} {
		t.Run(name, func(t *testing.T) {
			d := begin(t, map[string]any{"command": c.command})
			record := d.end()
			if record.Reason != final.CommandExited || record.Code != c.code || record.Signal != c.signal || !strings.Contains(record.Message, c.message) {
				t.Errorf("final record %+v", record)
			}
		})
	}
}

func TestTermEndsEverythingAndTellsReaders(t *testing.T) {
	for _, how := range []string{"watch=true", "attach=true"} {
		t.Run(how, func(t *testing.T) { termTellsReader(t, how) })
	}
}

func termTellsReader(t *testing.T, how string) {
	d := begin(t, nil)
	d.ready()
	request, err := http.NewRequest("POST", "https://"+d.address+"/v1/processes?"+how, strings.NewReader(
		`{"class":"exec","script":"trap '' TERM; echo begun; sleep 1000"}`))
	if err != nil {
		t.Fatal(err)
	}
	if how == "attach=true" {
		request.Header.Set("Connection", "Upgrade")
		request.Header.Set("Upgrade", "agenttier-frames")
	}
	request.Header.Set("Authorization", "Bearer "+d.signer.Sign(tokentest.Claims(incarnation, "alice", "exec", time.Now()), nil))
	response, err := d.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	reader := bufio.NewReader(response.Body)
	if _, err := reader.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := d.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(reader)
	if err != nil || !bytes.Contains(rest, []byte(`"outcome":"canceled","by":"agenttier:sandbox"`)) {
		t.Errorf("the stream ended with %q, %v", rest, err)
	}
	if record := d.end(); record.Reason != final.Terminated || record.Code != 0 {
		t.Errorf("final record %+v", record)
	}
}

func TestInvalidPlanIsSaid(t *testing.T) {
	d := begin(t, map[string]any{"incarnation": "no"})
	if record := d.end(); record.Reason != final.InvalidPlan || record.Code != 1 || !strings.Contains(record.Message, `"no"`) {
		t.Errorf("final record %+v", record)
	}
}

// Each import costs size and attack surface in every pod, and this program runs beside untrusted code: the standard library and the
// system calls it lacks are enough.
func TestImportsNothingBeyondTheStandardLibraryAndSystemCalls(t *testing.T) {
	list, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(list)) {
		if !strings.HasPrefix(path, "agenttier.io/images/sandboxd") && path != "golang.org/x/sys/unix" {
			t.Errorf("import of %s: use the standard library, or say here why that cannot do", path)
		}
	}
	// os/exec and os.Process wait for children themselves and would take statuses from the one waiter.
	all, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(all)) {
		if path == "os/exec" {
			t.Error("import of os/exec: start children by internal/reaper, the one that waits for them")
		}
	}
}
