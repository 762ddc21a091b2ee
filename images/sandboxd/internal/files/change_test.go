package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

func TestMkdirMakesAFolderWithExactModeAndTime(t *testing.T) {
	tree, root := newTree(t)
	mode, when := fs.FileMode(0o570), time.Date(2001, 2, 3, 4, 5, 6, 789_000_000, time.UTC)
	place, err := tree.Mkdir("a/b", Folder{Mode: &mode, Modified: &when})
	if err != nil || place.Path != filepath.Join(root, "a/b") {
		t.Fatalf("%+v, %v", place, err)
	}
	info, err := os.Stat(filepath.Join(root, "a/b"))
	if err != nil || !info.IsDir() || info.Mode().Perm() != mode || !info.ModTime().Equal(when) {
		t.Errorf("%v %v, %v", info.Mode(), info.ModTime(), err)
	}
	if _, err := tree.Mkdir("a/b", Folder{}); err != nil {
		t.Errorf("again: %v", err)
	}
	if again, _ := os.Stat(filepath.Join(root, "a/b")); again.Mode() != info.Mode() || !again.ModTime().Equal(when) {
		t.Errorf("a folder that is there was changed: %v %v", again.Mode(), again.ModTime())
	}
	open := fs.FileMode(0o777)
	if _, err := tree.Mkdir("a/b", Folder{Mode: &open}); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.Stat(filepath.Join(root, "a/b")); again.Mode().Perm() != open {
		t.Errorf("mode %o", again.Mode().Perm())
	}
	put(t, filepath.Join(root, "file"), "x")
	for path, want := range map[string]int{"file": 409, "file/below": 400, "": 400, root: 400, "../out": 400, "/etc/x": 400, strings.Repeat("n", 256): 400} {
		if _, err := tree.Mkdir(path, Folder{}); status(err) != want {
			t.Errorf("mkdir %.40q: %v, expected %d", path, err, want)
		}
	}
}

func TestChangesNeverLeadOut(t *testing.T) {
	tree, root := newTree(t)
	outside := filepath.Dir(root)
	put(t, filepath.Join(root, "mine"), "mine")
	for name, target := range map[string]string{"up": "..", "absolute": outside, "secret": "../secret", "dangling": "../new"} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	mode := fs.FileMode(0o777)
	for _, path := range []string{"up/new", "absolute/new", "up/workspace/new", "secret/new"} {
		if _, err := tree.Mkdir(path, Folder{Mode: &mode}); status(err) != 400 {
			t.Errorf("mkdir %s: %v", path, err)
		}
		if _, err := tree.Move("mine", path, true); status(err) != 400 {
			t.Errorf("move to %s: %v", path, err)
		}
	}
	for _, path := range []string{"up", "absolute", "secret", "dangling"} {
		if _, err := tree.Mkdir(path, Folder{Mode: &mode}); status(err) != 409 {
			t.Errorf("mkdir at link %s: %v", path, err)
		}
	}
	for _, path := range []string{"up/secret", "absolute/secret", "../secret", filepath.Join(outside, "secret")} {
		if _, err := tree.Move(path, "stolen", false); status(err) != 400 {
			t.Errorf("move of %s: %v", path, err)
		}
		if err := tree.Remove(path, true); status(err) != 400 {
			t.Errorf("remove %s: %v", path, err)
		}
		if _, err := tree.Move("mine", path, true); status(err) != 400 {
			t.Errorf("move to %s: %v", path, err)
		}
	}
	for _, path := range []string{"up", "absolute"} {
		if err := tree.Remove(path, true); err != nil {
			t.Errorf("a link itself can be removed: %v", err)
		}
	}
	if err := os.Symlink("..", filepath.Join(root, "up")); err != nil {
		t.Fatal(err)
	}
	if err := tree.Remove("", true); err != nil {
		t.Errorf("emptying: %v", err)
	}
	left, _ := os.ReadDir(root)
	if secret, err := os.ReadFile(filepath.Join(outside, "secret")); string(secret) != "secret" || exists(filepath.Join(outside, "new")) || len(left) != 0 {
		t.Errorf("secret %q, %v; left %v", secret, err, left)
	}
}

// The untrusted side swaps a folder for a link that leads out, again and again, while we change what is in it.
func TestASwappedLinkNeverLeadsOut(t *testing.T) {
	tree, root := newTree(t)
	outside := filepath.Join(filepath.Dir(root), "outside")
	before := fs.FileMode(0o700)
	if err := errors.Join(os.Mkdir(outside, before), os.WriteFile(filepath.Join(outside, "keep"), []byte("keep"), 0o600), os.Mkdir(filepath.Join(root, "d"), 0o755)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(outside)
	if err != nil {
		t.Fatal(err)
	}
	var over atomic.Bool
	var swapping sync.WaitGroup
	swapping.Go(func() {
		link, folder := filepath.Join(root, "link"), filepath.Join(root, "d")
		for !over.Load() {
			_ = os.Symlink("../outside", link)
			_ = os.Rename(folder, filepath.Join(root, "aside"))
			_ = os.Rename(link, folder)
			_ = os.Remove(folder)
			_ = os.Rename(filepath.Join(root, "aside"), folder)
		}
	})
	mode, when := fs.FileMode(0o777), time.Unix(1, 0)
	for range 2000 {
		// each may fail or work: only what is outside counts
		_, _ = tree.Mkdir("d", Folder{Mode: &mode, Modified: &when})
		_, _ = tree.Mkdir("d/new", Folder{Mode: &mode})
		_, _ = tree.Replace("d/file", strings.NewReader("x"), Write{Modified: &when})
		_, _ = tree.Move("d/file", "d/keep", true)
		_, _ = tree.Move("d/keep", "stolen", true)
		_ = tree.Remove("d/keep", true)
	}
	over.Store(true)
	swapping.Wait()
	now, err := os.Stat(outside)
	if err != nil || now.Mode() != info.Mode() || !now.ModTime().Equal(info.ModTime()) {
		t.Errorf("outside is now %v %v, %v", now.Mode(), now.ModTime(), err)
	}
	if text, err := os.ReadFile(filepath.Join(outside, "keep")); string(text) != "keep" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestMoveReplacesOnlyWhenAsked(t *testing.T) {
	tree, root := newTree(t)
	put(t, filepath.Join(root, "a"), "a")
	put(t, filepath.Join(root, "b"), "b")
	if _, err := tree.Move("a", "b", false); status(err) != 409 {
		t.Errorf("over a file: %v", err)
	}
	if text, _ := os.ReadFile(filepath.Join(root, "b")); string(text) != "b" {
		t.Errorf("replaced by %q", text)
	}
	place, err := tree.Move("a", filepath.Join(root, "b"), true)
	if err != nil || place.Path != filepath.Join(root, "b") {
		t.Fatalf("%+v, %v", place, err)
	}
	if text, _ := os.ReadFile(filepath.Join(root, "b")); string(text) != "a" || exists(filepath.Join(root, "a")) {
		t.Errorf("b is %q", text)
	}
	if _, err := tree.Move("b", "new/er/b", false); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Move("new/er/b", "link", false); status(err) != 409 {
		t.Errorf("over a dangling link: %v", err)
	}
	if _, err := tree.Move("link", "moved", false); err != nil {
		t.Errorf("a link itself: %v", err)
	}
	if target, _ := os.Readlink(filepath.Join(root, "moved")); target != "nowhere" {
		t.Errorf("leads to %q", target)
	}
	if err := os.MkdirAll(filepath.Join(root, "full/x"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, to string
		want     int
	}{{"new", "full", 409}, {"moved", "full", 409}, {"new", "moved", 409}, {"new", "new/er/below", 400}, {"none", "x/y", 404}, {"", "x", 400}, {"new", "", 400}, {"moved", "moved/x", 400}} {
		if _, err := tree.Move(c.from, c.to, true); status(err) != c.want {
			t.Errorf("move %q to %q: %v, expected %d", c.from, c.to, err, c.want)
		}
	}
	if exists(filepath.Join(root, "x")) {
		t.Error("a folder was made for nothing")
	}
	if _, err := tree.Move("new", "full/x", true); err != nil {
		t.Errorf("over an empty folder: %v", err)
	}
}

func TestRemoveTakesContentOnlyWhenAsked(t *testing.T) {
	tree, root := newTree(t)
	if _, err := tree.Replace("d/e/f", strings.NewReader("x"), Write{}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"d": 409, "": 400, "none": 404, "d/none": 404} {
		if err := tree.Remove(path, false); status(err) != want {
			t.Errorf("remove %q: %v, expected %d", path, err, want)
		}
	}
	if err := tree.Remove("none", true); status(err) != 404 {
		t.Errorf("nothing, with content: %v", err)
	}
	for _, path := range []string{"d/e/f", "d/e"} {
		if err := tree.Remove(path, false); err != nil {
			t.Errorf("remove %q: %v", path, err)
		}
	}
	if _, err := tree.Replace("d/x", strings.NewReader("x"), Write{}); err != nil {
		t.Fatal(err)
	}
	if err := tree.Remove("d", true); err != nil || exists(filepath.Join(root, "d")) {
		t.Errorf("with content: %v", err)
	}
}

func TestWritesKeepTheTimeAskedFor(t *testing.T) {
	tree, root := newTree(t)
	when := time.Date(1969, 12, 31, 23, 59, 59, 5, time.UTC)
	if _, err := tree.Replace("a", strings.NewReader("x"), Write{Modified: &when}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(root, "a"))
	if err != nil || !info.ModTime().Equal(when) {
		t.Fatalf("%v, %v", info.ModTime(), err)
	}
	later := when.Add(time.Hour)
	if _, err := tree.Append("a", 1, strings.NewReader("y"), Write{Modified: &later}); err != nil {
		t.Fatal(err)
	}
	if info, _ = os.Stat(filepath.Join(root, "a")); !info.ModTime().Equal(later) || info.Size() != 2 {
		t.Errorf("%v", info.ModTime())
	}
	if _, err := tree.Append("a", 2, strings.NewReader("z"), Write{}); err != nil {
		t.Fatal(err)
	}
	if info, _ = os.Stat(filepath.Join(root, "a")); info.ModTime().Equal(later) {
		t.Error("a write without a time left the former one")
	}
}
