package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"agenttier.io/images/sandboxd/internal/fault"
)

// newTree makes a tree with a secret beside its root.
func newTree(t *testing.T) (tree *Tree, root string) {
	t.Helper()
	top := t.TempDir()
	root = filepath.Join(top, "workspace")
	if err := errors.Join(os.Mkdir(root, 0o755), os.WriteFile(filepath.Join(top, "secret"), []byte("secret"), 0o644)); err != nil {
		t.Fatal(err)
	}
	return NewTree(root), root
}

func put(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func status(err error) int {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Status
	}
	return 0
}

// leftovers are names in the root that a write should not leave.
func leftovers(t *testing.T, root string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), temporaryPrefix) {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestPathsAreBelowTheRootOrRefused(t *testing.T) {
	for path, want := range map[string]string{
		"": ".", ".": ".", "/workspace": ".", "/workspace/": ".", "a": "a", "a/b": "a/b", "/workspace/a": "a", "./a//b/.": "a/b", "/workspace//a": "a",
		"a\\b": "a\\b", "a b": "a b", "…": "…", "..a": "..a", "\xff": "\xff",
	} {
		if got, err := relative("/workspace", path); err != nil || got != want {
			t.Errorf("%q became %q, %v; expected %q", path, got, err, want)
		}
	}
	for _, path := range []string{"/", "/etc", "/workspacex", "/workspacex/a", "..", "a/..", "a/../b", "/workspace/..", "/workspace/../etc", "a\x00b", strings.Repeat("a/", 3000)} {
		if got, err := relative("/workspace", path); status(err) != 400 {
			t.Errorf("%.40q became %q, %v", path, got, err)
		}
	}
	if got, err := relative("/", "/etc/x"); err != nil || got != "etc/x" {
		t.Errorf("below /: %q, %v", got, err)
	}
}

func FuzzNoPathLeavesTheRoot(f *testing.F) {
	for _, seed := range []string{"a", "/workspace/a", "..", "a/../../b", "//etc", "/workspace/./..//x", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got, err := relative("/workspace", path)
		if err != nil {
			return
		}
		if !filepath.IsLocal(got) || strings.Contains(got, "\x00") || filepath.Clean(got) != got {
			t.Errorf("%q became %q", path, got)
		}
	})
}

func TestLinksNeverLeadOut(t *testing.T) {
	tree, root := newTree(t)
	put(t, filepath.Join(root, "real"), "inside")
	for name, target := range map[string]string{
		"up": "../secret", "absolute": filepath.Join(filepath.Dir(root), "secret"), "dir": "..", "deep": "dir/secret", "inside": "real", "root": "/", "self": "self",
	} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"up", "absolute", "dir", "dir/secret", "deep", "root/etc/passwd", "self"} {
		if file, _, err := tree.Open(path); status(err) != 400 {
			t.Errorf("open %s: %v, %v", path, file, err)
		}
		if _, err := tree.List(t.Context(), path, 10, ""); status(err) != 400 {
			t.Errorf("list %s: %v", path, err)
		}
	}
	for _, path := range []string{"dir/new", "root/tmp/new"} {
		if _, err := tree.Replace(path, strings.NewReader("x"), Write{}); status(err) != 400 {
			t.Errorf("replace %s: %v", path, err)
		}
	}
	if _, err := tree.Append("up", 6, strings.NewReader("x"), Write{}); status(err) != 400 {
		t.Errorf("append through a link: %v", err)
	}
	if _, err := tree.Replace("up", strings.NewReader("mine"), Write{}); err != nil {
		t.Errorf("a link itself can be replaced: %v", err)
	}
	if secret, _ := os.ReadFile(filepath.Join(root, "../secret")); string(secret) != "secret" {
		t.Errorf("the secret is now %q", secret)
	}
	file, _, err := tree.Open("inside")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if text, _ := io.ReadAll(file); string(text) != "inside" {
		t.Errorf("read %q", text)
	}
	if entry, err := tree.Stat("inside"); err != nil || entry.LinkTarget != "real" || entry.IsDir {
		t.Errorf("entry %+v, %v", entry, err)
	}
}

func TestSpecialFilesAreRefusedWithoutBlocking(t *testing.T) {
	tree, root := newTree(t)
	if err := syscall.Mkfifo(filepath.Join(root, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	socket, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(socket)
	if err := syscall.Bind(socket, &syscall.SockaddrUnix{Name: filepath.Join(root, "socket")}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fifo", "socket"} {
		if _, _, err := tree.Open(name); status(err) != 400 {
			t.Errorf("open %s: %v", name, err)
		}
		if _, err := tree.Replace(name, strings.NewReader("x"), Write{}); status(err) != 400 {
			t.Errorf("replace %s: %v", name, err)
		}
		if _, err := tree.Append(name, 0, strings.NewReader("x"), Write{}); status(err) != 400 {
			t.Errorf("append to %s: %v", name, err)
		}
		if _, err := tree.Stat(name); err != nil {
			t.Errorf("stat %s: %v", name, err)
		}
	}
	if page, err := tree.List(t.Context(), "", 10, ""); err != nil || len(page.Entries) != 2 {
		t.Errorf("list: %+v, %v", page, err)
	}
}

func TestReplaceSetsContentAndMode(t *testing.T) {
	tree, root := newTree(t)
	executable := fs.FileMode(0o751)
	written, err := tree.Replace("a/b/tool", strings.NewReader("#!"), Write{Mode: &executable})
	if err != nil || !written.Created || written.Bytes != 2 || written.Path != filepath.Join(root, "a/b/tool") {
		t.Fatalf("%+v, %v", written, err)
	}
	written, err = tree.Replace("a/b/tool", strings.NewReader("#!/bin/sh"), Write{})
	if err != nil || written.Created || written.Bytes != 9 {
		t.Fatalf("%+v, %v", written, err)
	}
	info, err := os.Stat(filepath.Join(root, "a/b/tool"))
	if err != nil || info.Mode().Perm() != 0o751 {
		t.Errorf("the executable bit is lost: %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Join(root, "a")); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("parent: %v, %v", info, err)
	}
	open := fs.FileMode(0o666)
	if _, err := tree.Replace("umask", strings.NewReader(""), Write{Mode: &open}); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(filepath.Join(root, "umask")); info.Mode().Perm() != 0o666 {
		t.Errorf("mode %o, the umask took part of it", info.Mode())
	}
	for _, path := range []string{"", "a", root} {
		if _, err := tree.Replace(path, strings.NewReader("x"), Write{}); status(err) != 400 {
			t.Errorf("replace %q: %v", path, err)
		}
	}
	if _, err := tree.Replace("umask/below", strings.NewReader("x"), Write{}); status(err) != 400 {
		t.Errorf("below a file: %v", err)
	}
}

func TestInterruptedReplaceKeepsTheOldFileAndLeavesNothing(t *testing.T) {
	tree, root := newTree(t)
	put(t, filepath.Join(root, "a"), "old")
	broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("gone")))
	if _, err := tree.Replace("a", broken, Write{}); err == nil {
		t.Fatal("no error")
	}
	if _, err := tree.Replace("a", strings.NewReader("12345"), Write{MaxBytes: 4}); status(err) != 413 {
		t.Errorf("too large: %v", err)
	}
	if _, err := tree.Replace("a", strings.NewReader("1234"), Write{MaxBytes: 4}); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
	if names := leftovers(t, root); names != nil {
		t.Errorf("left: %v", names)
	}
	if text, _ := os.ReadFile(filepath.Join(root, "a")); string(text) != "1234" {
		t.Errorf("content %q", text)
	}
}

func TestConditionsGuardAWrite(t *testing.T) {
	tree, root := newTree(t)
	if _, err := tree.Replace("a", strings.NewReader("x"), Write{Condition: Condition{Match: "*"}}); status(err) != 412 {
		t.Errorf("If-Match on nothing: %v", err)
	}
	if _, err := tree.Replace("a", strings.NewReader("one"), Write{Condition: Condition{Absent: true}}); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Replace("a", strings.NewReader("two"), Write{Condition: Condition{Absent: true}}); status(err) != 412 {
		t.Errorf("If-None-Match on a file: %v", err)
	}
	file, _, err := tree.Open("a")
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	put(t, filepath.Join(root, "a"), "changed")
	if _, err := tree.Replace("a", strings.NewReader("two"), Write{Condition: Condition{Match: file.ETag}}); status(err) != 412 {
		t.Errorf("If-Match of an older state: %v", err)
	}
	if file, _, err = tree.Open("a"); err != nil {
		t.Fatal(err)
	}
	file.Close()
	if _, err := tree.Replace("a", strings.NewReader("two"), Write{Condition: Condition{Match: file.ETag}}); err != nil {
		t.Errorf("If-Match of the present state: %v", err)
	}
	if names := leftovers(t, root); names != nil {
		t.Errorf("left: %v", names)
	}
}

func TestAppendGoesOnExactlyAtTheEnd(t *testing.T) {
	tree, root := newTree(t)
	if _, err := tree.Append("a", 3, strings.NewReader("x"), Write{}); status(err) != 409 {
		t.Errorf("beyond a missing file: %v", err)
	}
	written, err := tree.Append("a", 0, strings.NewReader("abc"), Write{})
	if err != nil || !written.Created || written.Bytes != 3 {
		t.Fatalf("%+v, %v", written, err)
	}
	if written, err = tree.Append("a", 3, strings.NewReader("def"), Write{}); err != nil || written.Created || written.Bytes != 6 {
		t.Fatalf("%+v, %v", written, err)
	}
	_, err = tree.Append("a", 3, strings.NewReader("def"), Write{})
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Status != 409 || f.Header["AgentTier-Size"] != "6" || !strings.Contains(f.Message, "go on at 6") {
		t.Errorf("repeated: %v", err)
	}
	broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("gone")))
	if _, err := tree.Append("a", 6, broken, Write{}); err == nil {
		t.Error("no error")
	}
	if _, err := tree.Append("a", 6, strings.NewReader("ghi"), Write{MaxBytes: 8}); status(err) != 413 {
		t.Errorf("too large: %v", err)
	}
	if text, _ := os.ReadFile(filepath.Join(root, "a")); string(text) != "abcdef" {
		t.Errorf("content %q", text)
	}
	if _, err := tree.Append("new", 0, broken, Write{}); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(filepath.Join(root, "new")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that was never whole is left: %v", err)
	}
}

func TestListIsSortedAndPaged(t *testing.T) {
	tree, root := newTree(t)
	var want []string
	for i := range 25 {
		name := fmt.Sprintf("f%02d", i)
		put(t, filepath.Join(root, name), strings.Repeat("x", i))
		want = append(want, name)
	}
	var got []string
	token := ""
	for pages := 1; ; pages++ {
		page, err := tree.List(t.Context(), "/"+strings.TrimPrefix(root, "/"), 10, token)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			got = append(got, e.Name)
		}
		if token = page.Continue; token == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v", got)
	}
	for _, limit := range []int{0, -1, MaxLimit + 1} {
		if _, err := tree.List(t.Context(), "", limit, ""); status(err) != 400 {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	if _, err := tree.List(t.Context(), "", 1, "%"); status(err) != 400 {
		t.Errorf("continue: %v", err)
	}
	if _, err := tree.List(t.Context(), "f01", 1, ""); status(err) != 400 {
		t.Errorf("list of a file: %v", err)
	}
	if _, err := tree.List(t.Context(), "none", 1, ""); status(err) != 404 {
		t.Errorf("list of nothing: %v", err)
	}
}

func TestNamesThatAreNotUTF8KeepTheirBytes(t *testing.T) {
	tree, root := newTree(t)
	put(t, filepath.Join(root, "a\xffb"), "x")
	page, err := tree.List(t.Context(), "", 10, "")
	if err != nil || len(page.Entries) != 1 || page.Entries[0].NameBase64 != "Yf9i" {
		t.Fatalf("%+v, %v", page, err)
	}
	file, _, err := tree.Open("a\xffb")
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
}

func TestLargeBodyIsCopiedWhole(t *testing.T) {
	tree, root := newTree(t)
	body := bytes.Repeat([]byte("0123456789"), 300_000)
	if _, err := tree.Replace("big", iotest.OneByteReader(bytes.NewReader(body[:1000])), Write{}); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Append("big", 1000, bytes.NewReader(body[1000:]), Write{MaxBytes: int64(len(body))}); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(root, "big")); !bytes.Equal(got, body) {
		t.Errorf("%d bytes, expected %d", len(got), len(body))
	}
}
