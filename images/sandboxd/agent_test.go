package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheAgentsEnvironmentIsForTheAgentAndItsInstallOnly(t *testing.T) {
	d := beginWith(t, []string{
		agentPrefix + "API_KEY=agents-secret", agentPrefix + "SHARED=of the agent", "SHARED=of the container",
		agentPrefix + "ASKED=of the agent", agentPrefix + "AGENTTIER_PROCESS=other", agentPrefix + "=nameless-secret",
	}, map[string]any{
		"initScripts": []string{"env > hook"},
		"tools":       []map[string]any{{"name": "t", "install": "env > tool"}},
	})
	d.ready()
	for _, class := range []string{"exec", "hook", "inv", "install"} {
		text := fmt.Sprintf(`{"class":%q,"script":"env > %s","env":{"ASKED":"of the request"}}`, class, class)
		if status, answer, err := d.do("POST", "/v1/processes?watch=true", "exec", text); err != nil || status != 200 {
			t.Fatalf("%s: %d %s, %v", class, status, answer, err)
		}
	}
	for name, agents := range map[string]bool{"hook": false, "tool": true, "exec": false, "inv": true, "install": true} {
		text, err := os.ReadFile(filepath.Join(d.dir, "root", name))
		if err != nil {
			t.Fatal(err)
		}
		shared := "of the container"
		if agents {
			shared = "of the agent"
		}
		lines := strings.Split(string(text), "\n")
		for line, want := range map[string]bool{"API_KEY=agents-secret": agents, "SHARED=" + shared: true, "AGENTTIER_PROCESS=other": false} {
			if got := count(lines, line) == 1; got != want {
				t.Errorf("%s has %q: %t, expected %t", name, line, got, want)
			}
		}
		if n := strings.Count("\n"+string(text), "\nSHARED="); n != 1 {
			t.Errorf("%s has SHARED %d times", name, n)
		}
		if bytes.Contains(text, []byte(agentPrefix)) || bytes.Contains(text, []byte("nameless-secret")) {
			t.Errorf("%s has a variable as the container has it", name)
		}
		if class := name != "hook" && name != "tool"; class && count(lines, "ASKED=of the request") != 1 {
			t.Errorf("%s lacks what its request asked for", name)
		}
	}
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", d.command.Process.Pid)) // root may
	if err == nil && (bytes.Contains(environ, []byte("agents-secret")) || bytes.Contains(environ, []byte("nameless-secret"))) {
		t.Error("/proc/<pid>/environ of sandboxd still holds what is for the agent")
	}
}

func count(lines []string, line string) (n int) {
	for _, other := range lines {
		if other == line {
			n++
		}
	}
	return n
}
