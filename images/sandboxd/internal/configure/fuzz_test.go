package configure

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/files"
)

func FuzzReadTakesTheLineAndNoMore(f *testing.F) {
	digest := strings.Repeat("0", 64)
	f.Add([]byte(`{"digest":"` + digest + `","argv":["true"],"files":[{"path":"/w/a","bytes":3}]}` + "\nabc"))
	f.Add([]byte(`{"digest":"` + digest + `","files":[{"path":"/w/a","bytes":9223372036854775807},{"path":"/w/b","bytes":9223372036854775807}]}` + "\n"))
	f.Add([]byte("{}\n{}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		from := bufio.NewReader(bytes.NewReader(body))
		request, err := Read(from, -1)
		if err != nil {
			return
		}
		if total := request.total(); total < 0 || total > maxBytes || len(request.Files) > maxFiles {
			t.Errorf("%q has %d files of %d bytes", body, len(request.Files), total)
		}
		_, after, _ := bytes.Cut(body, []byte("\n"))
		if whole := request.Skip(from) == nil; whole != (int64(len(after)) == request.total()) {
			t.Errorf("%q is whole: %t", body, whole)
		}
	})
}

// Code in the sandbox can write a journal.
func FuzzJournalLeadsNowhereElse(f *testing.F) {
	f.Add([]byte(`{"version":1,"temporary":".agenttier-0123456789abcdef","entries":[{"path":"out/canary","saved":false},{"path":"a","saved":true,"made":2}]}`))
	f.Add([]byte(`{"version":1,"temporary":".agenttier-0123456789abcdef","entries":[{"path":"../canary","saved":true}]}`))
	f.Fuzz(func(t *testing.T, journal []byte) {
		outside := t.TempDir()
		root, canary := filepath.Join(outside, "root"), filepath.Join(outside, "canary")
		folder := filepath.Join(root, ownFolder)
		check(t, os.MkdirAll(folder, 0o755))
		check(t, os.WriteFile(canary, []byte("alive"), 0o600))
		check(t, os.Symlink("..", filepath.Join(root, "out")))
		check(t, os.WriteFile(filepath.Join(root, journalFile), journal, 0o600))
		check(t, os.WriteFile(filepath.Join(root, saved(0)), []byte("kept"), 0o600))
		check(t, os.Symlink(canary, filepath.Join(root, saved(1))))
		New(files.NewTree(root), nil, func(error) {}).Recover()
		if text, err := os.ReadFile(canary); err != nil || string(text) != "alive" {
			t.Errorf("after journal %q the file outside holds %q, %v", journal, text, err)
		}
		entries, err := os.ReadDir(outside)
		if check(t, err); len(entries) != 2 {
			t.Errorf("after journal %q there are outside %v", journal, entries)
		}
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
