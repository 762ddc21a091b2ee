package node

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"agenttier.io/test-e2e/cluster/internal/supervisor"
)

func TestInitRefusesToRearrangeTheHost(t *testing.T) {
	err := Init(filepath.Join(t.TempDir(), "node.json"), nil)
	if err == nil || !strings.Contains(err.Error(), "pid 1") {
		t.Fatalf("got %v", err)
	}
}

func TestMountsAreCutOffFromTheHostBeforeAnyIsMade(t *testing.T) {
	all := mounts(Spec{LibDir: "/x"})
	if all[0].target != "/" || all[0].flags != unix.MS_REC|unix.MS_SLAVE {
		t.Errorf("the first mount is %+v: what follows would reach the host", all[0])
	}
	covered := map[string]bool{}
	for _, mount := range all {
		covered[mount.target] = true
	}
	for _, folder := range Hidden {
		if folder != "/var/run" && !covered[folder] {
			t.Errorf("%s is called hidden and is not", folder)
		}
	}
}

func TestSpecIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.json")
	spec := Spec{Name: "node1", Path: "/bin", LibDir: "/x", Components: []supervisor.Spec{
		{Name: "kubelet", Argv: []string{"/kubelet", "--a=\"b\""}, Log: "/log", After: []string{"containerd"}, Probe: supervisor.Probe{Socket: "/s"}},
	}}
	if err := Write(path, spec); err != nil {
		t.Fatal(err)
	}
	read, err := Read(path)
	if err != nil || read.Name != "node1" || read.Components[0].Argv[1] != "--a=\"b\"" || read.Components[0].Probe.Socket != "/s" {
		t.Errorf("got %+v, %v", read, err)
	}
}
