package configure

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/files"
	"agenttier.io/images/sandboxd/internal/process"
)

func TestFilesAreWrittenAndNothingElseIsLeft(t *testing.T) {
	f := begin(t)
	c := f.again()
	if err := f.configure(c, written...); err != nil {
		t.Fatal(err)
	}
	f.holds(written...)
	if info, err := os.Stat(f.path("kept")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode of the file replaced: %v, %v", info.Mode(), err)
	}
	if err := f.configure(c); err != nil {
		t.Errorf("without files: %v", err)
	}
	if len(f.warnings) > 0 {
		t.Errorf("warnings %q", f.warnings)
	}
}

func TestWhatCannotBeWrittenWhollyIsPutBack(t *testing.T) {
	f := begin(t)
	f.fifo("pipe")
	most := int64(len("new kept"))
	for name, c := range map[string]struct {
		body    string
		status  int
		message string
		limits  files.Limits
	}{
		"a folder in the place":   {f.body("kept", "a/new", "src"), 400, "folder", files.Limits{}},
		"a file as a folder":      {f.body("kept", "a/new", "src/main/x"), 400, "folder", files.Limits{}},
		"a new file as a folder":  {f.body("kept", "a", "a/new"), 400, "folder", files.Limits{}},
		"a FIFO":                  {f.body("kept", "a/new", "pipe"), 400, "a FIFO", files.Limits{}},
		"larger than allowed":     {f.body("kept", "a/new"), 403, "maxFileSize", files.Limits{MaxBytes: &most}},
		"the body ends early":     {f.body("kept", "a/new")[:len(f.body("kept", "a/new"))-1], 400, "files[1]", files.Limits{}},
		"the body does not end":   {f.body("kept", "a/new") + "x", 400, "after the last file", files.Limits{}},
		"a body without any file": {f.body() + "x", 400, "after the last file", files.Limits{}},
	} {
		t.Run(name, func(t *testing.T) {
			before := f.kinds()
			configuration := f.again()
			configuration.tree.Limit(c.limits)
			reader := bufio.NewReader(strings.NewReader(c.body))
			request, err := Read(reader, -1)
			if err != nil {
				t.Fatal(err)
			}
			turn, _, _, err := configuration.Begin(request, process.Start{})
			if err != nil {
				t.Fatal(err)
			}
			err = turn.Place(reader)
			if status(err) != c.status || !strings.Contains(fmt.Sprint(err), c.message) {
				t.Errorf("%v, expected %d %q", err, c.status, c.message)
			}
			if now := f.kinds(); now != before {
				t.Errorf("the workspace is\n%s\nexpected\n%s", now, before)
			}
			if configuration.busy || len(f.warnings) > 0 {
				t.Errorf("busy %t, warnings %q", configuration.busy, f.warnings)
			}
		})
	}
}

// kinds is the workspace without its FIFO, which cannot be read.
func (f *fixture) kinds() string {
	f.Helper()
	if err := os.Rename(f.path("pipe"), f.path("../pipe")); err != nil {
		f.Fatal(err)
	}
	defer func() {
		if err := os.Rename(f.path("../pipe"), f.path("pipe")); err != nil {
			f.Fatal(err)
		}
	}()
	text, err := json.MarshalIndent(f.tree(f.root), "", " ")
	if err != nil {
		f.Fatal(err)
	}
	return string(text)
}

func TestAFolderThatTheInstallMadeGivesWayToTheFileThatWasThere(t *testing.T) {
	f := begin(t)
	before := f.tree(f.root)
	turn := f.placed()
	for _, name := range []string{"kept", "new"} {
		if err := os.Remove(f.path(name)); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(f.path(name+"/in"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(f.path("src")); err != nil {
		t.Fatal(err)
	}
	if err := turn.undo(); err != nil {
		t.Fatal(err)
	}
	turn.store.leave()
	before["new"], before["new/in"] = "folder", "folder" // which is not what the configure put there
	f.same(f.root, before)
}

func TestOneHasTheTurn(t *testing.T) {
	f := begin(t)
	c := f.again()
	first, body := f.turn(c, f.body("kept"))
	request := &Request{Digest: strings.Repeat("a", 64)}
	if _, _, _, err := c.Begin(request, process.Start{}); status(err) != 409 || !strings.Contains(err.Error(), "are being written") {
		t.Errorf("a second one: %v", err)
	}
	if err := first.Place(body); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := c.Begin(request, process.Start{}); status(err) != 409 {
		t.Errorf("a second one after the files: %v", err)
	}
	if err := first.Keep(); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := c.Begin(request, process.Start{}); err != nil {
		t.Errorf("after the first: %v", err)
	}
}

func TestRequestsThatAreNoneTakeNoTurn(t *testing.T) {
	f := begin(t)
	good := strings.Repeat("0", 64)
	many := strings.Repeat(`{"path":"/x","bytes":0},`, maxFiles) + `{"path":"/x","bytes":0}`
	half := strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`{"path":"/x","bytes":%d},`, maxFileBytes), 4), ",")
	for name, c := range map[string]struct {
		line   string
		status int
	}{
		"empty":              {"\n", 400},
		"no end of line":     {`{}`, 400},
		"two values":         {`{"digest":"` + good + `"} {}` + "\n", 400},
		"unknown field":      {`{"digest":"` + good + `","entrypoint":[]}` + "\n", 400},
		"digest":             {`{"digest":"` + good[1:] + `"}` + "\n", 422},
		"upper case":         {`{"digest":"` + good[1:] + `A"}` + "\n", 422},
		"a line too long":    {strings.Repeat(" ", maxLine) + "\n", 413},
		"too many files":     {`{"digest":"` + good + `","files":[` + many + `]}` + "\n", 413},
		"a file too large":   {fmt.Sprintf(`{"digest":"%s","files":[{"path":"/x","bytes":%d}]}`+"\n", good, maxFileBytes+1), 413},
		"too large together": {`{"digest":"` + good + `","files":[` + half + `,{"path":"/x","bytes":1}]}` + "\n", 413},
		"negative":           {`{"digest":"` + good + `","files":[{"path":"/x","bytes":-1}]}` + "\n", 422},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Read(bufio.NewReader(strings.NewReader(c.line)), -1); status(err) != c.status {
				t.Errorf("%v, expected %d", err, c.status)
			}
		})
	}
	if _, err := Read(bufio.NewReader(strings.NewReader(f.body("kept"))), int64(len(f.body("kept"))+1)); status(err) != 400 {
		t.Errorf("a body of another length: %v", err)
	}
	c := f.again()
	for path, want := range map[string]int{
		f.root + "/a/../x": 422, f.root + "/../outside/x": 422, f.outside + "/x": 422, "a": 422, "": 422, f.root: 422, f.root + "/": 422, f.path("a") + "\x00": 422,
		f.path(topFolder): 422, f.path(ownFolder): 422, f.path(journalFile): 422, f.path(topFolder) + "//configure/./0": 422,
		f.path("secret/x"): 403,
	} {
		c.tree.Limit(files.Limits{Path: func(name string) error {
			if strings.HasPrefix(name, f.path("secret")) {
				return fault.Forbidden("no")
			}
			return nil
		}})
		request := &Request{Digest: good, Files: []File{{Path: f.path("fine")}, {Path: path}}}
		_, _, _, err := c.Begin(request, process.Start{})
		if status(err) != want || want == 422 && !strings.Contains(err.Error(), "files[1].path") {
			t.Errorf("%q: %v, expected %d", path, err, want)
		}
	}
	if c.busy {
		t.Error("one has the turn")
	}
}
