package server

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/process"
)

func exec(argv ...string) request { return request{"class": "exec", "argv": argv} }

func script(text string) request { return request{"class": "exec", "script": text} }

func TestExecGivesOutputAndExactExitRecord(t *testing.T) {
	f := serve(t, 1<<20)
	notExecutable := filepath.Join(f.root, "data")
	if err := os.WriteFile(notExecutable, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	noInterpreter := filepath.Join(f.root, "noint")
	if err := os.WriteFile(noInterpreter, []byte("#!/no/such/interpreter\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	notAProgram := filepath.Join(f.root, "garbage")
	if err := os.WriteFile(notAProgram, []byte("no program\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	with := func(body request, key string, value any) request { body[key] = value; return body }
	cases := []struct {
		name           string
		body           request
		outcome        string
		code           int
		signal         string
		stdout, stderr string
		message        string
	}{
		{"true", exec("true"), "exited", 0, "", "", "", ""},
		{"exit 1", script("exit 1"), "exited", 1, "", "", "", ""},
		{"exit 42", script("exit 42"), "exited", 42, "", "", "", ""},
		{"exit 126 and 127 are no refusals when a shell says them", script("exit 127"), "exited", 127, "", "", "", ""},
		{"both streams", script("echo out; echo err >&2"), "exited", 0, "", "out\n", "err\n", ""},
		{"killed", script("kill -9 $$"), "signaled", 9, "KILL", "", "", ""},
		{"TERM", script("kill -TERM $$"), "signaled", 15, "TERM", "", "", ""},
		{"not found", exec("no-such-program"), "notStarted", 127, "", "", "", "no-such-program"},
		{"not found by path", exec("/no/such/program"), "notStarted", 127, "", "", "", "/no/such/program"},
		{"not executable", exec(notExecutable), "notStarted", 126, "", "", "", "0644"},
		{"a folder", exec("/"), "notStarted", 126, "", "", "", "directory"},
		{"interpreter missing", exec(noInterpreter), "notStarted", 127, "", "", "", "interpreter"},
		{"no program", exec(notAProgram), "notStarted", 126, "", "", "", "neither"},
		{"folder missing", with(exec("true"), "cwd", "/no/such/folder"), "notStarted", -1, "", "", "", "/no/such/folder"},
		{"no sh in the image", with(script("true"), "env", request{"PATH": "/nowhere"}), "notStarted", 127, "", "", "", "needs \"sh\""},
		{"argument too long", exec("true", strings.Repeat("x", 200<<10)), "notStarted", -1, "", "", "", "too long"},
		{"stdin", with(exec("cat"), "stdinBase64", []byte("hello")), "exited", 0, "", "hello", "", ""},
		{"no stdin", exec("cat"), "exited", 0, "", "", "", ""},
		{"cwd", with(exec("pwd"), "cwd", "/usr"), "exited", 0, "", "/usr\n", "", ""},
		{"default cwd", exec("pwd"), "exited", 0, "", f.root + "\n", "", ""},
		{"env", with(script("echo $A"), "env", request{"A": "b c"}), "exited", 0, "", "b c\n", "", ""},
		{"background child with the pipes open", script("sleep 100 & echo hi"), "exited", 0, "", "hi\n", "", ""},
		{"late last line of a helper", script("(sleep 0.05; echo late) & echo early"), "exited", 0, "", "early\nlate\n", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f.t = t
			r := f.watch(c.body)
			if r.exit == nil {
				t.Fatal("no exit event")
			}
			code := r.exit.Number
			if r.exit.Code != nil {
				code = *r.exit.Code
			}
			if r.exit.Outcome != c.outcome || code != c.code || r.exit.Signal != c.signal || !strings.Contains(r.exit.Message, c.message) {
				t.Errorf("exit %+v (code %d), expected %s %d %q", *r.exit, code, c.outcome, c.code, c.message)
			}
			if string(r.stdout) != c.stdout || string(r.stderr) != c.stderr {
				t.Errorf("stdout %q stderr %q", r.stdout, r.stderr)
			}
			if r.end != int64(len(r.combined)) || !r.start.Running && r.start.Exit == nil {
				t.Errorf("end %d of %d bytes, start %+v", r.end, len(r.combined), r.start)
			}
		})
	}
}

func TestStdinLargerThanAPipeArrivesWhole(t *testing.T) {
	f := serve(t, 8<<20)
	input := []byte(strings.Repeat("0123456789abcdef", 300_000))
	body := exec("cat")
	body["stdinBase64"] = input
	if r := f.watch(body); string(r.stdout) != string(input) {
		t.Errorf("%d bytes came back, expected %d", len(r.stdout), len(input))
	}
}

func TestTimeLimitDecidesTheRecord(t *testing.T) {
	f := serve(t, 1<<20)
	body := script("trap 'exit 0' TERM; while :; do sleep 0.01; done")
	body["timeoutMs"] = 50
	if r := f.watch(body); r.exit.Outcome != "timeout" || r.exit.LimitMs != 50 || r.exit.Code != nil {
		t.Errorf("exit %+v", *r.exit)
	}
}

func TestNamedProcessIsStartedOnce(t *testing.T) {
	f := serve(t, 1<<20)
	body := script("echo run >> count; cat count")
	body["name"] = "build"
	first := f.watch(body)
	if first.start.ID != incarnation+".build" {
		t.Errorf("id %q", first.start.ID)
	}
	if again := f.watch(body); string(again.stdout) != "run\n" {
		t.Errorf("second start gave %q", again.stdout)
	}
	var info process.Info
	f.answer(f.call("POST", "/v1/processes", "exec", jsonBody(body), nil), 200, &info)
	body["script"] = "other"
	f.fails(f.call("POST", "/v1/processes", "exec", jsonBody(body), nil), 422, "Invalid")
	f.answer(f.call("GET", "/v1/processes/build", "processes", nil, nil), 200, &info)
	if info.Running || info.Exit == nil || info.Name != "sh" || info.StartedBy != "alice" || info.BytesStdout != 4 {
		t.Errorf("info %+v", info)
	}
}

func TestUnknownAndFormerProcessesAreTold(t *testing.T) {
	f := serve(t, 1<<20)
	f.fails(f.call("GET", "/v1/processes/exec-ffffffff0123456789abcdef", "processes", nil, nil), 410, "Gone")
	f.fails(f.call("GET", "/v1/processes/ffffffff.build", "processes", nil, nil), 410, "Gone")
	f.fails(f.call("GET", "/v1/processes/build", "processes", nil, nil), 404, "NotFound")
	f.fails(f.call("GET", "/v1/processes/exec-"+incarnation+"0123456789abcdef", "processes", nil, nil), 404, "NotFound")
}

func TestInvalidRequestsStartNothing(t *testing.T) {
	f := serve(t, 1<<20)
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"no JSON":          {`{`, 400, "BadRequest"},
		"two values":       {`{"class":"exec","argv":["true"]} {}`, 400, "BadRequest"},
		"unknown field":    {`{"class":"exec","argv":["true"],"background":true}`, 400, "BadRequest"},
		"class":            {`{"class":"x","argv":["true"]}`, 422, "Invalid"},
		"nothing to run":   {`{"class":"exec"}`, 422, "Invalid"},
		"both":             {`{"class":"exec","argv":["true"],"script":"true"}`, 422, "Invalid"},
		"empty program":    {`{"class":"exec","argv":[""]}`, 422, "Invalid"},
		"NUL in argv":      {`{"class":"exec","argv":["a\u0000b"]}`, 422, "Invalid"},
		"our env":          {`{"class":"exec","argv":["true"],"env":{"AGENTTIER_PROCESS":"x"}}`, 422, "Invalid"},
		"env name":         {`{"class":"exec","argv":["true"],"env":{"A=B":"x"}}`, 422, "Invalid"},
		"negative time":    {`{"class":"exec","argv":["true"],"timeoutMs":-1}`, 422, "Invalid"},
		"name like an id":  {fmt.Sprintf(`{"class":"exec","argv":["true"],"name":"exec-%s0123456789abcdef"}`, incarnation), 422, "Invalid"},
		"name with a dot":  {`{"class":"exec","argv":["true"],"name":"01234567.x"}`, 422, "Invalid"},
		"name with spaces": {`{"class":"exec","argv":["true"],"name":"a b"}`, 422, "Invalid"},
		"onDisconnect":     {`{"class":"exec","argv":["true"],"onDisconnect":"maybe"}`, 422, "Invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			f.t = t
			f.fails(f.call("POST", "/v1/processes", "exec", strings.NewReader(c.body), nil), c.status, c.code)
		})
	}
	f.t = t
	big := `{"class":"exec","argv":["` + strings.Repeat("x", process.MaxBody) + `"]}`
	f.fails(f.call("POST", "/v1/processes", "exec", strings.NewReader(big), nil), 413, "RequestEntityTooLarge")
	f.fails(f.call("POST", "/v1/processes", "exec", struct{ *strings.Reader }{strings.NewReader(big)}, nil), 413, "RequestEntityTooLarge")
	var list struct{ Items []process.Info }
	f.answer(f.call("GET", "/v1/processes", "processes", nil, nil), 200, &list)
	if len(list.Items) != 0 {
		t.Errorf("%d processes", len(list.Items))
	}
}
