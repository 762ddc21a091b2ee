package cgroups

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const hybrid = `24 18 0:20 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
25 24 0:21 / /sys/fs/cgroup/cpuset rw,relatime shared:7 - cgroup cgroup rw,cpuset
26 24 0:22 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
27 24 0:23 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
28 24 0:22 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
29 18 0:24 / /proc rw - proc proc rw
`

func TestEveryHierarchyIsFoundOnce(t *testing.T) {
	found, err := ParseMounts(strings.NewReader(hybrid))
	want := []Hierarchy{
		{Path: "/sys/fs/cgroup/cpuset", CPUSet: true}, {Path: "/sys/fs/cgroup/memory"}, {Path: "/sys/fs/cgroup/unified", Unified: true},
	}
	if err != nil || !slices.Equal(found, want) {
		t.Errorf("got %+v, %v", found, err)
	}
}

func TestVersionIsOneUnlessOnlyTheUnifiedTreeIsThere(t *testing.T) {
	for _, test := range []struct {
		mounts string
		want   bool
	}{
		{hybrid, true},
		{"30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n", false},
	} {
		found, err := ParseMounts(strings.NewReader(test.mounts))
		if err != nil || VersionOne(found) != test.want {
			t.Errorf("%q: %v, %v", test.mounts, VersionOne(found), err)
		}
	}
}

func TestChildrenAreRemovedBeforeParents(t *testing.T) {
	groups, err := DepthFirst(fstest.MapFS{
		"tasks": {}, "kubepods/tasks": {}, "kubepods/burstable/pod1/c1/tasks": {}, "kubepods/besteffort/tasks": {},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, group := range groups {
		for _, later := range groups[i+1:] {
			if strings.HasPrefix(later, group+"/") || group == "." {
				t.Errorf("%s comes before %s", group, later)
			}
		}
	}
	if len(groups) != 6 {
		t.Errorf("got %v", groups)
	}
}

func TestUnifiedGroupHandsItsControllersOn(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "cgroup.controllers"), []byte("cpu memory\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	// On a folder that is no cgroup the child has no such file, which ends Create after the parent has been prepared.
	err := Create([]Hierarchy{{Path: root, Unified: true}}, "agenttier-x")
	if err == nil {
		t.Fatal("a folder passed for a cgroup")
	}
	if handed, err := os.ReadFile(filepath.Join(root, "cgroup.subtree_control")); err != nil || string(handed) != "+memory" {
		t.Errorf("last controller handed on: %q, %v", handed, err)
	}
}

func TestNewCPUSetGroupInheritsFromItsParent(t *testing.T) {
	root := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, "agenttier-x"), 0o755); err != nil {
		t.Fatal(err)
	}
	write("cpuset.cpus", "0-1\n")
	write("cpuset.mems", "0\n")
	write("agenttier-x/cpuset.cpus", "1\n")
	write("agenttier-x/cpuset.mems", "\n")
	if err := Create([]Hierarchy{{Path: root, CPUSet: true}}, "agenttier-x"); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"cpuset.cpus": "1\n", "cpuset.mems": "0\n"} {
		if got, err := os.ReadFile(filepath.Join(root, "agenttier-x", file)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v; want %q", file, got, err, want)
		}
	}
}

func TestRemovingAGroupThatIsNotThereIsNoError(t *testing.T) {
	if err := Remove([]Hierarchy{{Path: t.TempDir()}}, "agenttier-x", time.Now()); err != nil {
		t.Error(err)
	}
}
