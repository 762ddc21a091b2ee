package plan

import (
	"strings"
	"testing"
	"time"
)

const least = `{"version":1,"incarnation":"0a1b2c3d","root":"/workspace"`

func TestPlanOfTheProtocolPageIsUnderstood(t *testing.T) {
	p, err := Parse([]byte(`{"version":1, "incarnation":"0a1b2c3d", "namespace":"team1", "sandbox":"hello", "root":"/workspace", "workingDir":"/workspace", "shell":"",
		"command":["python3","-m","http.server"],
		"files":[{"path":"/workspace/a.txt","contentBase64":"aGk=","mode":420}, {"path":"/workspace/b.txt","from":"/.agenttier/files/0","mode":420}],
		"initScripts":["echo hello"], "initTimeoutSeconds":600, "spoolBytes":1073741824, "disconnectGraceSeconds":10, "unknown":{"of":"a newer controller"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if string(p.Files[0].ContentBase64) != "hi" || p.Files[0].Mode != 0o644 || p.Files[1].From != "/.agenttier/files/0" || len(p.Command) != 3 {
		t.Errorf("plan %+v", p)
	}
}

func TestWhatAPlanLeavesOutHasADefault(t *testing.T) {
	p, err := Parse([]byte(least + `}`))
	if err != nil {
		t.Fatal(err)
	}
	if p.WorkingDir != "/workspace" || p.SpoolBytes != 1<<30 || p.InitTimeout() != 10*time.Minute || p.DisconnectGrace() != 10*time.Second {
		t.Errorf("plan %+v", p)
	}
	p, err = Parse([]byte(least + `,"disconnectGraceSeconds":0}`))
	if err != nil || p.DisconnectGrace() != 0 {
		t.Errorf("grace 0 became %s, %v", p.DisconnectGrace(), err)
	}
}

func TestInvalidPlansNameTheValue(t *testing.T) {
	for text, want := range map[string]string{
		`{`: "not valid",
		`{"version":2,"incarnation":"0a1b2c3d","root":"/w"}`: "version 2",
		`{"version":1,"incarnation":"xyz","root":"/w"}`:      `"xyz"`,
		`{"version":1,"incarnation":"0a1b2c3d","root":"w"}`:  `"w"`,
		least + `,"workingDir":"w"}`:                         `"w"`,
		least + `,"spoolBytes":-1}`:                          "-1",
		least + `,"command":[""]}`:                           "empty program",
		least + `,"files":[{"path":"a/b"}]}`:                 `files[0].path "a/b"`,
		least + `,"files":[{"path":"/a/../b"}]}`:             `"/a/../b"`,
		least + `,"files":[{"path":"/a","mode":2541}]}`:      "files[0].mode",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", text, err, want)
		}
	}
}

func FuzzAPlanIsRefusedOrCanBeFollowed(f *testing.F) {
	f.Add([]byte(`{"version":1,"incarnation":"0a1b2c3d","root":"/w","files":[{"path":"/w/a","mode":420}],"hooks":{"onStop":"x"},"constraints":{"maxFileBytes":1}}`))
	f.Add([]byte(`{"version":1,"incarnation":"0a1b2c3d","root":"/w","initTimeoutSeconds":9223372036854775807,"disconnectGraceSeconds":9223372036854775807}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		if p.Root[0] != '/' || p.WorkingDir[0] != '/' || p.SpoolBytes <= 0 {
			t.Errorf("%q gives %+v", text, p)
		}
		for what, limit := range map[string]time.Duration{"init": p.InitTimeout(), "tool": p.ToolTimeout(), "hook": p.HookTimeout()} {
			if limit <= 0 {
				t.Errorf("%q limits %s by %s", text, what, limit)
			}
		}
		if p.DisconnectGrace() < 0 {
			t.Errorf("%q has a grace of %s", text, p.DisconnectGrace())
		}
	})
}
