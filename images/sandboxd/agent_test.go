package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/frames"
	"agenttier.io/images/sandboxd/internal/token/tokentest"
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

// configure is the body of a configure with files that are given by name and content in turn.
func (d *daemon) configure(argv string, files ...string) string {
	var named []string
	var content strings.Builder
	for i := 0; i < len(files); i += 2 {
		named = append(named, fmt.Sprintf(`{"path":%q,"bytes":%d}`, filepath.Join(d.dir, "root", files[i]), len(files[i+1])))
		content.WriteString(files[i+1])
	}
	return fmt.Sprintf(`{"digest":"%064d","argv":%s,"files":[%s]}`, len(files), argv, strings.Join(named, ",")) + "\n" + content.String()
}

func TestAConfigureThatTheDeathOfThePodCutIsUndoneBeforeTheNextIsReady(t *testing.T) {
	d := begin(t, map[string]any{"initScripts": []string{"test ! -e seen || { cat a > then; ls > there; }"}})
	d.ready()
	if status, text, err := d.do("PUT", "/v1/files?path=a", "files.write", "old"); err != nil || status != 201 {
		t.Fatalf("%d %s, %v", status, text, err)
	}
	request, err := http.NewRequest("POST", "https://"+d.address+"/v1/configure", strings.NewReader(
		d.configure(`["sh","-c","cat a b > seen; echo $$; exec sleep 1000"]`, "a", "new", "b", "new")))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+d.signer.Sign(tokentest.Claims(incarnation, "alice", "configure", time.Now()), nil))
	response, err := d.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	pid := firstNumber(t, response.Body)
	if err := d.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = d.command.Wait()                   // killed
	_ = syscall.Kill(pid, syscall.SIGKILL) // which the end of a pod does
	d.client.CloseIdleConnections()
	d.start()
	d.ready()
	for name, want := range map[string]string{"a": "old", "seen": "newnew", "then": "old", "there": "a\nseen\nthen\nthere\n"} {
		if text, err := os.ReadFile(filepath.Join(d.dir, "root", name)); err != nil || string(text) != want {
			t.Errorf("%s holds %q, %v; expected %q", name, text, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(d.dir, "root", ".agenttier")); err == nil {
		t.Error("what undid the configure is still there")
	}
}

// firstNumber is the first line on stdout of a stream of frames.
func firstNumber(t *testing.T, stream io.Reader) int {
	t.Helper()
	for {
		frame, err := frames.Read(stream)
		if err != nil {
			t.Fatal(err)
		}
		if frame.Type == frames.Stdout {
			number, err := strconv.Atoi(strings.TrimSpace(string(frame.Data)))
			if err != nil {
				t.Fatal(err)
			}
			return number
		}
	}
}
