package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/files"
	"golang.org/x/sys/unix"
)

var when = time.Date(2021, 3, 4, 5, 6, 7, 0, time.UTC)

// subtree is a folder of a tree below a parent that holds what must never change.
func subtree(t testing.TB, root string) *files.Subtree {
	t.Helper()
	folder, err := files.NewTree(root).Subtree("", false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Root.Close() })
	return folder
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func archiveOf(t *testing.T, root string, format Format) ([]byte, string) {
	t.Helper()
	var out, notes bytes.Buffer
	must(t, Write(context.Background(), subtree(t, root), format, &out, &notes))
	return out.Bytes(), notes.String()
}

func extract(folder *files.Subtree, format Format, content []byte) (Extracted, error) {
	if format == Zip {
		return ExtractZip(context.Background(), folder, bytes.NewReader(content), int64(len(content)))
	}
	return Extract(context.Background(), folder, format, bytes.NewReader(content))
}

// odd makes a tree with whatever a file system can have.
func odd(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	at := func(name string) string { return filepath.Join(root, name) }
	must(t, os.MkdirAll(at("a/böse näme/new\nline"), 0o755))
	must(t, os.WriteFile(at("a/böse näme/new\nline/x\ny"), []byte("newline"), 0o640))
	must(t, os.WriteFile(at("a/not utf8 \xff\xfe"), []byte("bytes"), 0o600))
	must(t, os.WriteFile(at("run.sh"), []byte("#!/bin/sh\n"), 0o755))
	must(t, os.WriteFile(at("empty"), nil, 0o444))
	must(t, os.WriteFile(at(strings.Repeat("n", 255)), []byte("long"), 0o644))
	must(t, os.WriteFile(at("back\\slash"), []byte("\\"), 0o644))
	must(t, os.Symlink("run.sh", at("link")))
	must(t, os.Symlink("/etc/passwd", at("absolute")))
	must(t, os.Symlink("../..", at("a/up")))
	must(t, os.Symlink("loop", at("loop")))
	must(t, os.Mkdir(at("void"), 0o700))
	sparse, err := os.Create(at("sparse"))
	must(t, err)
	_, err = sparse.WriteAt([]byte("end"), 8<<20)
	must(t, err)
	must(t, sparse.Close())
	must(t, unix.Mkfifo(at("pipe"), 0o600))
	for _, name := range []string{"run.sh", "empty", "a/böse näme/new\nline/x\ny", "a/böse näme", "void", "sparse"} {
		must(t, os.Chtimes(at(name), when, when))
	}
	return root
}

func TestRoundTripKeepsNamesContentLinksModesAndTimes(t *testing.T) {
	for _, format := range []Format{Zip, TarGz} {
		t.Run(string(format), func(t *testing.T) {
			from := odd(t)
			content, notes := archiveOf(t, from, format)
			if !strings.Contains(notes, "\"pipe\": a FIFO\n") {
				t.Errorf("notes %q do not name the FIFO", notes)
			}
			to := t.TempDir()
			done, err := extract(subtree(t, to), format, content)
			must(t, err)
			if done.Path != to || done.Files != 11 || done.Bytes < 8<<20 {
				t.Errorf("answer %+v", done)
			}
			must(t, os.Remove(filepath.Join(from, "pipe")))
			compare(t, from, to)
			var stat unix.Stat_t
			must(t, unix.Stat(filepath.Join(to, "sparse"), &stat))
			if stat.Blocks*512 > 1<<20 {
				t.Errorf("the sparse file takes %d bytes on disk", stat.Blocks*512)
			}
		})
	}
}

func compare(t *testing.T, from, to string) {
	t.Helper()
	seen := 0
	must(t, filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		must(t, err)
		name, _ := filepath.Rel(from, path)
		if name == "." {
			return nil
		}
		seen++
		want, err := os.Lstat(path)
		must(t, err)
		got, err := os.Lstat(filepath.Join(to, name))
		if err != nil {
			t.Error(err)
			return nil
		}
		if got.Mode() != want.Mode() {
			t.Errorf("%q has mode %s, expected %s", name, got.Mode(), want.Mode())
		}
		if want.Mode().Type() == fs.ModeSymlink {
			a, _ := os.Readlink(path)
			if b, _ := os.Readlink(filepath.Join(to, name)); a != b {
				t.Errorf("%q leads to %q, expected %q", name, b, a)
			}
			return nil
		}
		if want.ModTime().Equal(when) && !got.ModTime().Equal(when) {
			t.Errorf("%q was modified at %s, expected %s", name, got.ModTime(), when)
		}
		if want.Mode().IsRegular() {
			a, _ := os.ReadFile(path)
			if b, _ := os.ReadFile(filepath.Join(to, name)); !bytes.Equal(a, b) {
				t.Errorf("%q has other content", name)
			}
		}
		return nil
	}))
	have := 0
	must(t, filepath.WalkDir(to, func(string, fs.DirEntry, error) error { have++; return nil }))
	if have != seen+1 {
		t.Errorf("%d things, expected %d", have-1, seen)
	}
}

func TestWhatIsLeftOutIsNamedInTheArchive(t *testing.T) {
	root := odd(t)
	content, notes := archiveOf(t, root, Zip)
	read, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	must(t, err)
	if read.Comment != notes || notes == "" {
		t.Errorf("comment %q, notes %q", read.Comment, notes)
	}
	content, _ = archiveOf(t, root, TarGz)
	compressed := gunzip(t, content)
	entries := tar.NewReader(bytes.NewReader(compressed))
	last := ""
	for {
		h, err := entries.Next()
		if err == io.EOF {
			break
		}
		must(t, err)
		last = h.PAXRecords[leftOutRecord]
	}
	if last != notes {
		t.Errorf("record %q, expected %q", last, notes)
	}
}

func TestWhatCannotBeReadIsLeftOutAndTheRestIsThere(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	root := t.TempDir()
	must(t, os.WriteFile(filepath.Join(root, "secret"), []byte("s"), 0))
	must(t, os.Mkdir(filepath.Join(root, "closed"), 0))
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(root, "closed"), 0o700) })
	must(t, os.WriteFile(filepath.Join(root, "z"), []byte("z"), 0o644))
	content, notes := archiveOf(t, root, Zip)
	for _, line := range []string{"\"secret\": permission denied\n", "\"closed\": permission denied\n"} {
		if !strings.Contains(notes, line) {
			t.Errorf("notes %q lack %q", notes, line)
		}
	}
	to := t.TempDir()
	_, err := extract(subtree(t, to), Zip, content)
	must(t, err)
	if text, _ := os.ReadFile(filepath.Join(to, "z")); string(text) != "z" {
		t.Errorf("z holds %q", text)
	}
}

func TestAFileThatShrinksKeepsTheArchiveWhole(t *testing.T) {
	short := &steady{ctx: context.Background(), from: strings.NewReader("abc"), left: 5}
	content, err := io.ReadAll(short)
	must(t, err)
	if string(content) != "abc\x00\x00" || short.zeros != 2 || short.failed == nil {
		t.Errorf("content %q, %d zeros, %v", content, short.zeros, short.failed)
	}
}

func TestAMakingThatIsStoppedLeavesNoValidEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out bytes.Buffer
	if err := Write(ctx, subtree(t, odd(t)), Zip, &out, io.Discard); err == nil {
		t.Fatal("no error")
	}
	if _, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len())); err == nil {
		t.Error("what was written is a valid zip")
	}
}

func TestWhatIsLeftOutNeverOverflowsAComment(t *testing.T) {
	var left leftOut
	for range 100_000 {
		left.note(strings.Repeat("n", 200), "a FIFO")
	}
	if text := left.String(); len(text) > 65535 || !strings.HasPrefix(text, "Left out or incomplete: 100000\n") || !strings.HasSuffix(text, " more\n") {
		t.Errorf("%d bytes: %.60q", len(text), text)
	}
}
