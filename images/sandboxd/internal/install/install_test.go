package install

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestInstallsTheRunningBinaryAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		if err := To(dir); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, Name))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, expected %d; %v", len(got), len(want), err)
	}
	if info, err := os.Stat(filepath.Join(dir, Name)); err != nil || info.Mode().Perm() != 0o555 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("entries %v", entries)
	}
	if err := To(filepath.Join(dir, "none")); err == nil {
		t.Error("a missing folder is no error")
	}
}
