package server

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/frames"
	"agenttier.io/images/sandboxd/internal/process"
)

// configureBody has files by name and content in turn; digest is repeated to its length.
func (f *fixture) configureBody(digest string, argv []string, files ...string) string {
	f.t.Helper()
	named := []request{}
	var content strings.Builder
	for i := 0; i < len(files); i += 2 {
		named = append(named, request{"path": filepath.Join(f.root, files[i]), "bytes": len(files[i+1])})
		content.WriteString(files[i+1])
	}
	line, err := json.Marshal(request{"digest": strings.Repeat(digest, 64), "argv": argv, "files": named})
	if err != nil {
		f.t.Fatal(err)
	}
	return string(line) + "\n" + content.String()
}

func (f *fixture) configure(body io.Reader) *http.Response {
	f.t.Helper()
	return f.call("POST", "/v1/configure", "configure", body, nil)
}

// holds expects files by name and content in turn; a content of "-" that there is none.
func (f *fixture) holds(files ...string) {
	f.t.Helper()
	for i := 0; i < len(files); i += 2 {
		text, err := os.ReadFile(filepath.Join(f.root, files[i]))
		if missing := errors.Is(err, fs.ErrNotExist); missing != (files[i+1] == "-") || !missing && string(text) != files[i+1] {
			f.t.Errorf("%s holds %q, %v; expected %q", files[i], text, err, files[i+1])
		}
	}
	if _, err := os.Lstat(filepath.Join(f.root, ".agenttier")); err == nil {
		f.t.Error(".agenttier is left")
	}
}

func (f *fixture) put(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.root, name), []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

func TestConfigureWritesFilesAndRunsTheInstall(t *testing.T) {
	f := serve(t, 1<<20)
	f.put("a", "old")
	install := []string{"sh", "-c", "cat a deep/b; echo run >> runs"}
	body := f.configureBody("a", install, "a", "new a", "deep/b", " new b")
	first := f.collect(f.configure(strings.NewReader(body)))
	if string(first.stdout) != "new a new b" || first.exit == nil || *first.exit.Code != 0 || first.start.Class != "install" || first.start.StartedBy != "alice" {
		t.Fatalf("%+v", first)
	}
	f.holds("a", "new a", "deep/b", " new b", "runs", "run\n")
	// the same again finds the install that has succeeded, and does nothing
	f.put("a", "mine")
	again := f.collect(f.configure(struct{ io.Reader }{strings.NewReader(body)}))
	if again.start.ID != first.start.ID || string(again.stdout) != "new a new b" {
		t.Errorf("again: %+v", again)
	}
	f.holds("a", "mine", "runs", "run\n")
	other := f.collect(f.configure(strings.NewReader(f.configureBody("b", install, "a", "other"))))
	if other.start.ID == first.start.ID || string(other.stdout) != "other new b" {
		t.Errorf("another: %+v", other)
	}
	if back := f.collect(f.configure(strings.NewReader(body))); back.start.ID == first.start.ID || string(back.stdout) != "new a new b" {
		t.Errorf("the first after another: %+v", back)
	}
}

func TestConfigureWithoutInstallOnlyWritesFiles(t *testing.T) {
	f := serve(t, 1<<20)
	for _, content := range []string{"one", "two"} {
		f.answer(f.configure(strings.NewReader(f.configureBody("a", nil, "a", content))), 200, &struct{}{})
		f.holds("a", content)
		f.put("a", "mine")
	}
	var list struct{ Items []process.Info }
	f.answer(f.call("GET", "/v1/processes", "processes", nil, nil), 200, &list)
	if len(list.Items) != 0 {
		t.Errorf("processes %+v", list.Items)
	}
}

func TestInstallThatDoesNotSucceedPutsTheFilesBackBeforeItIsKnown(t *testing.T) {
	f := serve(t, 1<<20)
	f.put("a", "old")
	for name, c := range map[string]struct {
		argv    []string
		outcome string
	}{
		"code":        {[]string{"sh", "-c", "cat a b; exit 3"}, "exited"},
		"signal":      {[]string{"sh", "-c", "kill -9 $$"}, "signaled"},
		"not started": {[]string{"no-such-program"}, "notStarted"},
	} {
		t.Run(name, func(t *testing.T) {
			f.t = t
			body := f.configureBody("a", c.argv, "a", "new a", "b", "new b", "made/c", "new c")
			first := f.collect(f.configure(strings.NewReader(body)))
			f.holds("a", "old", "b", "-", "made", "-")
			if first.exit == nil || first.exit.Outcome != c.outcome {
				t.Errorf("%+v", first.exit)
			}
			if again := f.collect(f.configure(strings.NewReader(body))); again.start.ID == first.start.ID {
				t.Error("an install that failed was joined")
			}
		})
	}
}

func TestOneConfigureAtATime(t *testing.T) {
	f := serve(t, 1<<20)
	f.put("a", "old")
	body := f.configureBody("a", []string{"sh", "-c", "echo begun; sleep 1000"}, "a", "new a", "b", "new b")
	first := f.configure(strings.NewReader(body))
	id := awaitOutput(t, first.Body)
	first.Body.Close() // nobody watches any more
	// another is refused although its body has not come, and never will
	line, _, _ := strings.Cut(f.configureBody("b", nil, "a", "other"), "\n")
	never, writer := io.Pipe()
	defer writer.Close()
	message := f.fails(f.configure(io.MultiReader(strings.NewReader(line+"\n"), never)), 409, "Conflict")
	if !strings.Contains(message, id) {
		t.Errorf("%q does not name %s", message, id)
	}
	second := f.configure(strings.NewReader(body))
	defer second.Body.Close()
	if joined := awaitOutput(t, second.Body); joined != id {
		t.Errorf("joined %s, expected %s", joined, id)
	}
	f.fails(f.callWith(f.token("bob", "configure", map[string]any{"own": true}), "POST", "/v1/configure", strings.NewReader(body), nil), 403, "Forbidden")
	f.fails(f.configure(strings.NewReader(body+"x")), 400, "BadRequest")
	var list struct{ Items []process.Info }
	f.answer(f.call("GET", "/v1/processes", "processes", nil, nil), 200, &list)
	if len(list.Items) != 1 || list.Items[0].ID != id || list.Items[0].Class != "install" || !list.Items[0].Running {
		t.Errorf("processes %+v", list.Items)
	}
	f.answer(f.call("DELETE", "/v1/processes/"+id, "signal", nil, nil), 204, nil)
	if end := f.collect(second); end.exit == nil || end.exit.Outcome != "canceled" {
		t.Errorf("%+v", end.exit)
	}
	f.holds("a", "old", "b", "-")
	f.answer(f.configure(strings.NewReader(f.configureBody("b", nil, "a", "other"))), 200, nil)
	f.holds("a", "other")
}

// awaitOutput reads up to the first output and returns the id of the process.
func awaitOutput(t *testing.T, stream io.Reader) string {
	t.Helper()
	var event struct{ Process process.Info }
	for {
		frame, err := frames.Read(stream)
		if err != nil {
			t.Fatal(err)
		}
		if frame.Type == frames.Event {
			if err := json.Unmarshal(frame.Data, &event); err != nil {
				t.Fatal(err)
			}
		} else if frame.Type == frames.Stdout {
			return event.Process.ID
		}
	}
}

func TestConfigureThatIsCutIsUndoneAndLetsTheNext(t *testing.T) {
	f := serve(t, 1<<20)
	f.put("a", "old")
	good := f.configureBody("a", nil, "a", "new a", "b", "new b")
	body, writer := io.Pipe()
	request, err := http.NewRequest("POST", f.url+"/v1/configure", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+f.token("alice", "configure", nil))
	cut := make(chan error, 1)
	go func() {
		response, err := f.client.Do(request)
		if err == nil {
			response.Body.Close()
		}
		cut <- err
	}()
	if _, err := io.WriteString(writer, good[:len(good)-1]); err != nil {
		t.Fatal(err)
	}
	f.until("a", "new a")
	f.fails(f.configure(strings.NewReader(good)), 409, "Conflict")
	writer.CloseWithError(errors.New("cut"))
	if err := <-cut; err == nil {
		t.Error("a call that was cut has an answer")
	}
	f.until("a", "old")
	for { // the turn ends a moment after the last file is back
		response := f.configure(strings.NewReader(good))
		if response.StatusCode == http.StatusConflict {
			response.Body.Close()
			continue
		}
		f.answer(response, 200, nil)
		break
	}
	f.holds("a", "new a", "b", "new b")
}

// until waits for a file to have that text.
func (f *fixture) until(name, want string) {
	f.t.Helper()
	for f.t.Context().Err() == nil {
		if text, err := os.ReadFile(filepath.Join(f.root, name)); err == nil && string(text) == want {
			return
		}
	}
}

func TestConfigureRefusesWhatItCannotDo(t *testing.T) {
	f := serve(t, 1<<20)
	digest := strings.Repeat("0", 64)
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"no line":       {"", 400, "BadRequest"},
		"outside":       {`{"digest":"` + digest + `","files":[{"path":"/etc/x","bytes":1}]}` + "\nx", 422, "Invalid"},
		"no program":    {`{"digest":"` + digest + `","argv":[""]}` + "\n", 422, "Invalid"},
		"negative time": {`{"digest":"` + digest + `","argv":["true"],"timeoutMs":-1}` + "\n", 422, "Invalid"},
		"too little":    {fmt.Sprintf(`{"digest":"%s","files":[{"path":"%s/x","bytes":2}]}`+"\nx", digest, f.root), 400, "BadRequest"},
		"too large":     {fmt.Sprintf(`{"digest":"%s","files":[{"path":"%s/x","bytes":33554433}]}`+"\n", digest, f.root), 413, "RequestEntityTooLarge"},
	} {
		t.Run(name, func(t *testing.T) {
			f.t = t
			f.fails(f.configure(strings.NewReader(c.body)), c.status, c.code)
			f.fails(f.configure(bufio.NewReader(strings.NewReader(c.body))), c.status, c.code) // without a length
		})
	}
	entries, err := os.ReadDir(f.root)
	if err != nil || len(entries) != 0 {
		t.Errorf("%v, %v", entries, err)
	}
}
