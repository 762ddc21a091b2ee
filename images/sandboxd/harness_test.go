package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"agenttier.io/images/sandboxd/internal/final"
)

// asController asks with the controller's signer and decodes the answer, which must have status.
func (d *daemon) asController(method, path, operation, body string, status int, into any) {
	d.t.Helper()
	own := d.signer
	d.signer = d.controller
	defer func() { d.signer = own }()
	got, text, err := d.do(method, path, operation, body)
	if err != nil || got != status {
		d.t.Fatalf("%s %s: %d %s, %v; expected %d", method, path, got, text, err, status)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			d.t.Fatalf("%s %s: %q: %v", method, path, text, err)
		}
	}
}

type hookAnswer struct {
	Exit *struct {
		Outcome string
		Code    int
	}
	Tail string
}

type reportAnswer struct {
	InUse  bool
	Start  string
	Tools  []struct{ Name, Message string }
	Notice *struct{ Kind, Text, At string }
}

func TestTheControllerMayAskForNothingButHooksReportsAndNotices(t *testing.T) {
	d := begin(t, nil)
	d.ready()
	for _, call := range []struct{ method, path, operation string }{
		{"POST", "/v1/processes", "exec"}, {"GET", "/v1/processes", "processes"}, {"GET", "/v1/processes/x", "processes"},
		{"DELETE", "/v1/processes/x", "signal"}, {"GET", "/v1/processes/x/log", "log"}, {"POST", "/v1/processes/x/attach", "attach"},
		{"GET", "/v1/files?path=.", "files.read"}, {"PUT", "/v1/files?path=x", "files.write"},
		{"POST", "/v1/configure", "configure"},
	} {
		d.asController(call.method, call.path, call.operation, "{}", 403, nil)
		// nor by naming one of its own operations
		d.asController(call.method, call.path, "hook", "{}", 403, nil)
	}
	d.asController("POST", "/v1/hook", "report", `{"kind":"onStart"}`, 403, nil)
	d.asController("GET", "/v1/report", "report", "", 200, nil)
}

func TestAToolIsVerifiedInstalledAndVerifiedAgain(t *testing.T) {
	dir := t.TempDir()
	d := begin(t, map[string]any{
		"initScripts": []string{"touch " + dir + "/scripts-are-first"},
		"tools": []map[string]any{
			{"name": "there", "verify": "test -e " + dir + "/scripts-are-first", "install": "touch " + dir + "/needless"},
			{"name": "installed", "verify": "test -e " + dir + "/tool", "install": "touch " + dir + "/tool"},
			{"name": "broken", "verify": "echo no such thing >&2; exit 3", "install": "true"},
			{"name": "uninstallable", "verify": "false", "install": "echo mirror is down; exit 9"},
			{"name": "absent", "verify": "no-such-tool --version"},
			{"name": "hangs", "verify": "sleep 1000"},
		},
		"toolTimeoutSeconds": 2,
	})
	d.ready()
	var report reportAnswer
	d.asController("GET", "/v1/report", "report", "", 200, &report)
	if report.Start != "ready" || len(report.Tools) != 6 {
		t.Fatalf("report %+v", report)
	}
	for i, want := range []string{"", "", "verify after install exited with code 3: no such thing", "install exited with code 9: mirror is down",
		"verify exited with code 127", "verify stopped at its time limit of 2s"} {
		if got := report.Tools[i].Message; got != want && (want == "" || !strings.HasPrefix(got, want)) {
			t.Errorf("tool %s: %q, expected %q", report.Tools[i].Name, got, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "needless")); err == nil {
		t.Error("a tool that was there has been installed")
	}
}

func TestAToolGetsNoMoreThanIsLeftOfTheStart(t *testing.T) {
	d := begin(t, map[string]any{
		"tools":              []map[string]any{{"name": "slow", "verify": "sleep 1000"}, {"name": "late", "verify": "true"}},
		"initTimeoutSeconds": 1,
	})
	d.ready()
	var report reportAnswer
	d.asController("GET", "/v1/report", "report", "", 200, &report)
	if len(report.Tools) != 2 || !strings.Contains(report.Tools[0].Message, "time limit") || !strings.Contains(report.Tools[1].Message, "not started") {
		t.Errorf("report %+v", report)
	}
}

func TestAHookRunsOnceForEachOccurrence(t *testing.T) {
	dir := t.TempDir()
	d := begin(t, map[string]any{"hooks": map[string]string{
		"onStart": "echo started >> " + dir + "/log; echo said; exit 4",
		"onIdle":  "echo idle >> " + dir + "/log",
	}})
	d.ready()
	for range 2 {
		var answer hookAnswer
		d.asController("POST", "/v1/hook", "hook", `{"kind":"onStart"}`, 200, &answer)
		if answer.Exit == nil || answer.Exit.Outcome != "exited" || answer.Exit.Code != 4 || answer.Tail != "said\n" {
			t.Errorf("answer %+v", answer)
		}
	}
	for _, occurrence := range []string{"1", "2", "1"} {
		d.asController("POST", "/v1/hook", "hook", fmt.Sprintf(`{"kind":"onIdle","occurrence":%q}`, occurrence), 200, nil)
	}
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil || string(log) != "started\nidle\nidle\n" {
		t.Errorf("the hooks wrote %q, %v", log, err)
	}
	var none hookAnswer
	d.asController("POST", "/v1/hook", "hook", `{"kind":"onStop"}`, 200, &none)
	if none.Exit != nil {
		t.Errorf("a hook that the plan lacks has %+v", none)
	}
	d.asController("POST", "/v1/hook", "hook", `{"kind":"onEnd"}`, 422, nil)
}

func TestAHookHasATimeLimit(t *testing.T) {
	d := begin(t, map[string]any{"hooks": map[string]string{"onStop": "echo begun; sleep 1000"}, "hookTimeoutSeconds": 1})
	d.ready()
	var answer hookAnswer
	d.asController("POST", "/v1/hook", "hook", `{"kind":"onStop"}`, 200, &answer)
	if answer.Exit == nil || answer.Exit.Outcome != "timeout" || answer.Tail != "begun\n" {
		t.Errorf("answer %+v", answer)
	}
}

func TestTheLastHookRunsOnceHoweverTheSandboxEnds(t *testing.T) {
	for name, c := range map[string]struct {
		more  map[string]any
		asked bool
		signo bool
		want  string
		code  int
	}{
		"told to end":         {signo: true, want: final.Terminated},
		"asked for it before": {asked: true, signo: true, want: final.Terminated},
		"command exits":       {more: map[string]any{"command": []string{"sh", "-c", "exit 5"}}, want: final.CommandExited, code: 5},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			plan := map[string]any{"hooks": map[string]string{"onStop": "echo stopped | tee -a " + dir + "/log"}}
			for key, value := range c.more {
				plan[key] = value
			}
			d := begin(t, plan)
			if c.signo {
				d.ready()
			}
			if c.asked {
				d.asController("POST", "/v1/hook", "hook", `{"kind":"onStop"}`, 200, nil)
			}
			if c.signo {
				if err := d.command.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
			}
			record := d.end()
			log, err := os.ReadFile(filepath.Join(dir, "log"))
			if err != nil || string(log) != "stopped\n" {
				t.Errorf("the hook wrote %q, %v", log, err)
			}
			if record.Reason != c.want || record.Code != c.code || record.OnStop == nil || record.OnStop.Tail != "stopped\n" {
				t.Errorf("final record %+v, hook %+v", record, record.OnStop)
			}
		})
	}
}

func TestTheLastHookHasItsLimitAndDoesNotRunAfterAFailedStart(t *testing.T) {
	d := begin(t, map[string]any{"hooks": map[string]string{"onStop": "trap '' TERM; echo begun; sleep 1000"}, "hookTimeoutSeconds": 1})
	d.ready()
	if err := d.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if record := d.end(); record.OnStop == nil || !strings.Contains(fmt.Sprint(record.OnStop.Exit), "timeout") {
		t.Errorf("final record %+v", record)
	}
	failed := begin(t, map[string]any{"initScripts": []string{"exit 1"}, "hooks": map[string]string{"onStop": "true"}})
	if record := failed.end(); record.Reason != final.InitScriptFailed || record.OnStop != nil {
		t.Errorf("final record %+v", record)
	}
}

func TestNoHookRunsBeforeTheStartHasEnded(t *testing.T) {
	d := begin(t, map[string]any{"initScripts": []string{"sleep 1000"}, "hooks": map[string]string{"onStop": "true"}})
	if status, text := d.get("/v1/report", "report"); status != 200 || !strings.Contains(text, `"start":"starting"`) {
		t.Fatalf("report: %d %s", status, text)
	}
	d.asController("POST", "/v1/hook", "hook", `{"kind":"onStop"}`, 409, nil)
}

func TestANoticeIsKeptAndTakenBack(t *testing.T) {
	d := begin(t, nil)
	d.ready()
	d.asController("POST", "/v1/notice", "notice", `{"kind":"IdleTimeout","text":"stops soon","at":"2026-01-01T00:00:00Z"}`, 204, nil)
	var report reportAnswer
	d.asController("GET", "/v1/report", "report", "", 200, &report)
	if report.Notice == nil || report.Notice.Kind != "IdleTimeout" || report.Notice.Text != "stops soon" {
		t.Errorf("report %+v", report)
	}
	d.asController("POST", "/v1/notice", "notice", `{}`, 204, nil)
	report = reportAnswer{}
	d.asController("GET", "/v1/report", "report", "", 200, &report)
	if report.Notice != nil {
		t.Errorf("report %+v", report)
	}
	d.asController("POST", "/v1/notice", "notice", "{\"kind\":\"x\",\"text\":\"a\\u001b[2Jb\",\"at\":\"2026-01-01T00:00:00Z\"}", 422, nil)
	d.asController("POST", "/v1/notice", "notice", `{"kind":"x","text":"a","at":"soon"}`, 422, nil)
}

func TestARunningInvokeIsUse(t *testing.T) {
	d := begin(t, nil)
	d.ready()
	var report reportAnswer
	d.asController("GET", "/v1/report", "report", "", 200, &report)
	if report.InUse {
		t.Errorf("report %+v", report)
	}
	if status, text, err := d.do("POST", "/v1/processes", "exec", `{"class":"inv","script":"sleep 1000","onDisconnect":"keep"}`); err != nil || status != 201 {
		t.Fatalf("invoke: %d %s, %v", status, text, err)
	}
	d.asController("GET", "/v1/report", "report", "", 200, &report)
	if !report.InUse {
		t.Errorf("report %+v", report)
	}
}

func TestAPlanWithAHookThatIsNoneIsRefused(t *testing.T) {
	d := begin(t, map[string]any{"hooks": map[string]string{"onEnd": "true"}})
	if record := d.end(); record.Reason != final.InvalidPlan || !strings.Contains(record.Message, "onEnd") {
		t.Errorf("final record %+v", record)
	}
}

func TestConstraintsHoldCallsAndNotThePlan(t *testing.T) {
	d := begin(t, map[string]any{
		"initScripts": []string{"mkdir -p private/deep open && echo secret > private/key && ln -s ../private open/link && true"},
		"constraints": map[string]any{"maxFileBytes": 4, "maxCommandTimeoutMs": 60_000, "restrictedCommands": []string{"true"}, "restrictedPaths": []string{"private"}},
	})
	d.ready()
	for _, refused := range []struct{ method, path, operation, body, named string }{
		{"POST", "/v1/processes", "exec", `{"class":"exec","argv":["/bin/true"]}`, "restrictedCommands"},
		{"POST", "/v1/processes", "exec", `{"class":"exec","argv":["true"]}`, "restrictedCommands"},
		{"POST", "/v1/processes", "exec", `{"class":"exec","argv":["pwd"],"cwd":"private/deep"}`, "restrictedPaths"},
		{"POST", "/v1/processes", "exec", `{"class":"inv","argv":["pwd"],"timeoutMs":60001}`, "maxCommandTimeout"},
		{"GET", "/v1/files?path=private/key", "files.read", "", "restrictedPaths"},
		{"GET", "/v1/files?path=/private/../private", "files.read", "", ""},
		{"GET", "/v1/files?path=open/link/key", "files.read", "", "restrictedPaths"},
		{"PUT", "/v1/files?path=open/link/new/file", "files.write", "x", "restrictedPaths"},
		{"GET", "/v1/files?path=private&stat=true", "files.read", "", "restrictedPaths"},
		{"DELETE", "/v1/files?path=private/key", "files.write", "", "restrictedPaths"},
		{"DELETE", "/v1/files?path=.&recursive=true", "files.write", "", "restrictedPaths"},
		{"POST", "/v1/files?op=move&path=open&to=private/open", "files.write", "", "restrictedPaths"},
		{"PUT", "/v1/files?path=big", "files.write", "12345", "maxFileSize"},
		{"POST", "/v1/configure", "configure", d.configure(`["pwd"]`, "small2", "1234", "big", "12345"), "maxFileSize"},
		{"POST", "/v1/configure", "configure", d.configure(`["pwd"]`, "small2", "1234", "open/link/new", "1"), "restrictedPaths"},
		{"POST", "/v1/configure", "configure", d.configure(`["true"]`, "small2", "1234"), "restrictedCommands"},
	} {
		status, text, err := d.do(refused.method, refused.path, refused.operation, refused.body)
		if refused.named == "" {
			if err != nil || status != 400 {
				t.Errorf("%s: %d %s, %v", refused.path, status, text, err)
			}
		} else if err != nil || status != 403 || !strings.Contains(text, "harness.constraints."+refused.named) {
			t.Errorf("%s %s %s: %d %s, %v", refused.method, refused.path, refused.body, status, text, err)
		}
	}
	if _, err := os.Stat(filepath.Join(d.dir, "root", "small2")); err == nil {
		t.Error("a configure that was refused left a file")
	}
	for _, path := range []string{"/v1/files?path=small", "/v1/files?path=private2"} {
		if status, text, err := d.do("PUT", path, "files.write", "1234"); err != nil || status != 201 {
			t.Errorf("%s: %d %s, %v", path, status, text, err)
		}
	}
	if status, text, err := d.do("PUT", "/v1/files?path=small&offset=4", "files.write", "5"); err != nil || status != 403 {
		t.Errorf("append: %d %s, %v", status, text, err)
	}
	if answer := d.script("echo through"); !strings.Contains(answer, "through") {
		t.Errorf("a command that is allowed: %s", answer)
	}
}
