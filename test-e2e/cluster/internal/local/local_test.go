package local

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"agenttier.io/test-e2e/cluster/internal/registry"
)

func TestClusterIsFoundByNameFolderOrBoth(t *testing.T) {
	r := registry.Registry{Root: t.TempDir()}
	there, elsewhere := t.TempDir(), t.TempDir()
	held := registry.Claim{Name: "one", Dir: there, Nodes: 1}
	if err := r.Put(held); err != nil {
		t.Fatal(err)
	}
	if err := writeMarker(held); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		what              string
		name              string
		chosenName        bool
		dir               string
		chosenDir         bool
		wantName, wantDir string
		wantError         string
	}{
		{"by name, wherever it is", "one", true, elsewhere, false, "one", there, ""},
		{"by its folder", "agenttier", false, there, true, "one", there, ""},
		{"a new one", "two", true, elsewhere, true, "two", elsewhere, ""},
		{"name and folder that do not belong together", "one", true, elsewhere, true, "", "", "is in " + there},
		{"folder with a space", "two", true, "/a b", true, "", "", "expected an absolute path"},
		{"folder that nodes hide", "two", true, "/var/lib/x", true, "", "", "have a /var/lib of their own"},
		{"bad name", "A", true, elsewhere, true, "", "", "cluster name"},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			name, dir, err := Find(r, test.name, test.chosenName, test.dir, test.chosenDir)
			if test.wantError != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantError) {
					t.Errorf("got %v, want %q", err, test.wantError)
				}
				return
			}
			if err != nil || name != test.wantName || dir != test.wantDir {
				t.Errorf("got %s in %s, %v; want %s in %s", name, dir, err, test.wantName, test.wantDir)
			}
		})
	}
}

func TestFolderOfSomethingElseIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := emptyDir(dir); err == nil || !strings.Contains(err.Error(), "choose another --dir") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Fatal(err)
	}
	if err := writeMarker(registry.Claim{Name: "old", Dir: dir}); err != nil {
		t.Fatal(err)
	}
	if err := emptyDir(dir); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("the folder of an old cluster still holds %v, %v", entries, err)
	}
}

func TestStartTimeIsReadWhateverTheCommandIsCalled(t *testing.T) {
	tail := " S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 0 0"
	for _, command := range []string{"(sh)", "(a) S 1 (b c)", "()"} {
		started, ended, err := parseStat([]byte("7 " + command + tail))
		if err != nil || ended || started != "98765" {
			t.Errorf("%s: %q %v %v", command, started, ended, err)
		}
	}
	if _, ended, err := parseStat([]byte("7 (sh)" + strings.Replace(tail, " S ", " Z ", 1))); err != nil || !ended {
		t.Errorf("a zombie runs: %v", err)
	}
	for _, broken := range []string{"", "7 sh S", "7 (sh) S 1"} {
		if _, _, err := parseStat([]byte(broken)); err == nil {
			t.Errorf("%q was read", broken)
		}
	}
}

func TestProcessIsToldFromALaterOneWithItsNumber(t *testing.T) {
	self, err := identify(os.Getpid())
	if err != nil || !self.running() {
		t.Fatalf("this process does not run: %v", err)
	}
	if (processID{self.pid, "1"}).running() {
		t.Error("a process with another start time passed for this one")
	}
	child := exec.Command("true")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	if (processID{child.Process.Pid, self.started}).running() {
		t.Error("an ended process runs")
	}
}

func TestPIDFileLeadsToARunningProcessOnly(t *testing.T) {
	m := machine{name: "node1", dir: t.TempDir()}
	if _, running := m.first(); running {
		t.Error("runs without a pid file")
	}
	self, err := identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.writePID(self); err != nil {
		t.Fatal(err)
	}
	if first, running := m.first(); !running || first != self {
		t.Errorf("got %v, %v", first, running)
	}
	if err := m.writePID(processID{self.pid, "1"}); err != nil {
		t.Fatal(err)
	}
	if _, running := m.first(); running {
		t.Error("a pid of an earlier boot passed for a running node")
	}
}

func TestNodeIsSchedulableOnlyWhenReadyAndUntainted(t *testing.T) {
	ready := []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	tests := []struct {
		name string
		node corev1.Node
		want string
	}{
		{"ready", corev1.Node{Status: corev1.NodeStatus{Conditions: ready}}, ""},
		{"silent", corev1.Node{}, "has not reported yet"},
		{"not ready", corev1.Node{Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{
			{Type: corev1.NodeReady, Status: corev1.ConditionFalse, Message: "no network"}}}}, "no network"},
		{"tainted", corev1.Node{Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: "k", Effect: corev1.TaintEffectNoSchedule}}},
			Status: corev1.NodeStatus{Conditions: ready}}, "taint k"},
		{"preferably not", corev1.Node{Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: "k", Effect: corev1.TaintEffectPreferNoSchedule}}},
			Status: corev1.NodeStatus{Conditions: ready}}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := schedulable(&test.node)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestCredentialsOfARestartComeFromTheSameAuthority(t *testing.T) {
	c := testLayout(t)
	if err := writeFiles(c, time.Now()); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(c.PKI(), name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	ca, leaf := read("ca.crt"), read("admin.crt")
	if err := writeFiles(c, time.Now()); err != nil {
		t.Fatal(err)
	}
	if read("ca.crt") != ca {
		t.Error("a new authority: running nodes and old kubeconfigs are of no use")
	}
	if read("admin.crt") == leaf {
		t.Error("certificates were not renewed")
	}
	if info, err := os.Stat(c.Kubeconfig()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("kubeconfig: %v, %v", info, err)
	}
}
