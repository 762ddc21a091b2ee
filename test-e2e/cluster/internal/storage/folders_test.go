package storage

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func temporary(t *testing.T) folders {
	t.Helper()
	made, err := openFolders(filepath.Join(t.TempDir(), "volumes"))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestAFolderIsWritableForEveryoneWhateverTheUmask(t *testing.T) {
	f := temporary(t)
	defer unix.Umask(unix.Umask(0o077))
	if err := f.create("pvc-1"); err != nil {
		t.Fatal(err)
	}
	folder, err := os.Stat(f.path("pvc-1"))
	if err != nil || folder.Mode().Perm() != 0o777 {
		t.Errorf("mode %v, %v; want 0777", folder.Mode(), err)
	}
	base, err := os.Stat(f.base)
	if err != nil || base.Mode().Perm() != 0o700 {
		t.Errorf("base has mode %v, %v; want 0700", base.Mode(), err)
	}
}

func TestMakingAFolderAgainKeepsItsContent(t *testing.T) {
	f := temporary(t)
	for range 2 {
		if err := f.create("pvc-1"); err != nil {
			t.Fatal(err)
		}
		if kept := filepath.Join(f.path("pvc-1"), "kept"); !exists(kept) {
			write(t, kept, "data")
		}
	}
	if !exists(filepath.Join(f.path("pvc-1"), "kept")) {
		t.Error("the file is gone")
	}
}

func TestDeletingFollowsNoSymbolicLink(t *testing.T) {
	f := temporary(t)
	outside := t.TempDir()
	write(t, filepath.Join(outside, "precious"), "data")
	neighbour := f.path("pvc-2")
	if err := f.create("pvc-2"); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(neighbour, "precious"), "data")
	if err := f.create("pvc-1"); err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(f.path("pvc-1"), "a", "b")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"absolute": outside, "relative": "../../../pvc-2", "file": filepath.Join(outside, "precious"), "loop": "."} {
		if err := os.Symlink(target, filepath.Join(deep, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(deep, 0o000); err != nil {
		t.Fatal(err)
	}
	if err := f.delete("pvc-1"); err != nil {
		t.Fatal(err)
	}
	if exists(f.path("pvc-1")) {
		t.Error("the folder is still there")
	}
	for _, precious := range []string{filepath.Join(outside, "precious"), filepath.Join(neighbour, "precious")} {
		if !exists(precious) {
			t.Errorf("%s was deleted through a link", precious)
		}
	}
}

func TestALinkInPlaceOfAFolderIsNotUsedAndItsTargetNotDeleted(t *testing.T) {
	f := temporary(t)
	outside := t.TempDir()
	write(t, filepath.Join(outside, "precious"), "data")
	if err := os.Symlink(outside, f.path("pvc-1")); err != nil {
		t.Fatal(err)
	}
	if err := f.create("pvc-1"); err == nil {
		t.Error("a link was taken for a folder")
	}
	if err := f.delete("pvc-1"); err != nil {
		t.Error(err)
	}
	if exists(f.path("pvc-1")) || !exists(filepath.Join(outside, "precious")) {
		t.Error("want the link gone and its target untouched")
	}
}

func TestNamesThatLeaveTheBaseAreRefused(t *testing.T) {
	f := temporary(t)
	for _, name := range []string{"", ".", "..", "../x", "a/b", "/etc", "a/../b"} {
		if err := f.create(name); err == nil {
			t.Errorf("create(%q) succeeded", name)
		}
		if err := f.delete(name); err == nil {
			t.Errorf("delete(%q) succeeded", name)
		}
	}
	if !exists(f.base) {
		t.Error("the base folder is gone")
	}
}

func TestDeletingAMissingFolderSucceeds(t *testing.T) {
	if err := temporary(t).delete("pvc-1"); err != nil {
		t.Error(err)
	}
}
