package configure

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/files"
	"agenttier.io/images/sandboxd/internal/process"
)

// fixture is a workspace with something beside it that nothing may reach.
type fixture struct {
	*testing.T
	root, outside string
	warnings      []string
}

func begin(t *testing.T) *fixture {
	t.Helper()
	dir := t.TempDir()
	f := &fixture{T: t, root: filepath.Join(dir, "workspace"), outside: filepath.Join(dir, "outside")}
	for _, folder := range []string{f.root, f.outside, filepath.Join(f.root, "src")} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	f.write("../outside/canary", "untouched")
	f.write("kept", "as it was")
	f.write("src/main", "old main")
	old := time.Unix(1_700_000_000, 0)
	if err := errors.Join(os.Chmod(f.path("kept"), 0o640), os.Chtimes(f.path("kept"), old, old), os.Symlink("/nowhere", f.path("link"))); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) path(name string) string { return filepath.Join(f.root, name) }

func (f *fixture) write(name, text string) {
	f.Helper()
	if err := os.WriteFile(f.path(name), []byte(text), 0o644); err != nil {
		f.Fatal(err)
	}
}

// again is what a sandboxd that starts on this workspace has.
func (f *fixture) again() *Configuration {
	return New(files.NewTree(f.root), nil, func(err error) { f.warnings = append(f.warnings, err.Error()) })
}

// tree describes all that is below dir, by name.
func (f *fixture) tree(dir string) map[string]string {
	f.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		switch {
		case info.IsDir():
			found[name] = "folder"
		case info.Mode().Type() == fs.ModeSymlink:
			target, err := os.Readlink(path)
			found[name] = "link to " + target
			return err
		default:
			text, err := os.ReadFile(path)
			found[name] = fmt.Sprintf("%s %s %q", info.Mode(), info.ModTime(), text)
			return err
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	return found
}

// same expects that dir is as it was.
func (f *fixture) same(dir string, before map[string]string) {
	f.Helper()
	if now := f.tree(dir); !maps.Equal(now, before) {
		f.Errorf("%s is\n%v\nexpected\n%v", dir, now, before)
	}
}

// body is that of a configure which writes each of names with the text "new <name>".
func (f *fixture) body(names ...string) string {
	f.Helper()
	request := Request{Digest: strings.Repeat("a", 64)}
	var content strings.Builder
	for _, name := range names {
		text := "new " + name
		request.Files = append(request.Files, File{Path: f.path(name), Bytes: int64(len(text))})
		content.WriteString(text)
	}
	line, err := json.Marshal(request)
	if err != nil {
		f.Fatal(err)
	}
	return string(line) + "\n" + content.String()
}

// turn reads the first line of body and takes the turn of c.
func (f *fixture) turn(c *Configuration, body string) (*Turn, *bufio.Reader) {
	f.Helper()
	reader := bufio.NewReaderSize(strings.NewReader(body), 16)
	request, err := Read(reader, int64(len(body)))
	if err != nil {
		f.Fatal(err)
	}
	turn, _, _, err := c.Begin(request, process.Start{})
	if err != nil {
		f.Fatal(err)
	}
	return turn, reader
}

// configure writes files and keeps them.
func (f *fixture) configure(c *Configuration, names ...string) error {
	f.Helper()
	turn, body := f.turn(c, f.body(names...))
	if err := turn.Place(body); err != nil {
		return err
	}
	return turn.Keep()
}

func (f *fixture) fifo(name string) {
	f.Helper()
	if err := syscall.Mkfifo(f.path(name), 0o644); err != nil {
		f.Fatal(err)
	}
}

func status(err error) int {
	if err == nil {
		return 0
	}
	return fault.From(err).Status
}
