package sysctl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLastClusterPutsTheFirstValuesBack(t *testing.T) {
	tree, saved := t.TempDir(), filepath.Join(t.TempDir(), "saved")
	set := func(value string) {
		t.Helper()
		for _, name := range []string{"vm/overcommit_memory", "kernel/panic"} {
			path := filepath.Join(tree, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(value+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	set("0")
	if err := Save(tree, saved); err != nil {
		t.Fatal(err)
	}
	set("1") // by a kubelet
	if err := Save(tree, saved); err != nil {
		t.Fatal(err)
	}
	if err := Restore(tree, saved); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"vm/overcommit_memory", "kernel/panic"} {
		if value, err := os.ReadFile(filepath.Join(tree, name)); err != nil || strings.TrimSpace(string(value)) != "0" {
			t.Errorf("%s is %q, %v", name, value, err)
		}
	}
	if err := Restore(tree, saved); err != nil {
		t.Errorf("restoring twice: %v", err)
	}
}
