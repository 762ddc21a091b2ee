package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// lifecycle runs the program as a user does. It needs root and built components, so it runs only when asked for by CLUSTER_LIFECYCLE=1.
type lifecycle struct {
	*testing.T
	program string
}

func (l lifecycle) cluster(args ...string) (string, error) {
	out, err := exec.Command(l.program, args...).CombinedOutput()
	return string(out), err
}

func (l lifecycle) must(args ...string) string {
	l.Helper()
	out, err := l.cluster(args...)
	if err != nil {
		l.Fatalf("cluster %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (l lifecycle) kubectl(dir string, args ...string) string {
	l.Helper()
	args = append([]string{"--kubeconfig", filepath.Join(dir, "kubeconfig")}, args...)
	out, err := exec.Command(filepath.Join(dir, "bin", "kubectl"), args...).CombinedOutput()
	if err != nil {
		l.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestClustersComeUpSurviveAndLeaveNothing(t *testing.T) {
	if os.Getenv("CLUSTER_LIFECYCLE") == "" {
		t.Skip("takes root and a minute: set CLUSTER_LIFECYCLE=1")
	}
	l := lifecycle{t, filepath.Join(t.TempDir(), "cluster")}
	if out, err := exec.Command("go", "build", "-o", l.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	t.Cleanup(func() {
		l.must("down", "--name", "life-1")
		l.must("down", "--name", "life-2")
	})

	l.must("up", "--name", "life-1", "--dir", first)
	l.must("up", "--name", "life-2", "--dir", second, "--nodes", "2")
	if out := l.must("up", "--name", "life-1"); !strings.Contains(out, "is up already") {
		t.Errorf("the second up said %s", out)
	}
	for _, dir := range []string{first, second} {
		l.kubectl(dir, "run", "pause", "--image=localhost/pause:1", "--image-pull-policy=Never")
		l.kubectl(dir, "wait", "--for=condition=Ready", "pod/pause", "--timeout=60s")
	}

	firstProcess := l.firstProcess(first)
	if err := syscall.Kill(firstProcess, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if out, err := l.cluster("status", "--name", "life-1"); err == nil {
		t.Errorf("a cluster whose node was killed has the status\n%s", out)
	}
	l.must("up", "--name", "life-1")
	l.must("status", "--name", "life-1")
	l.kubectl(first, "wait", "--for=jsonpath={.status.containerStatuses[0].restartCount}=1", "pod/pause", "--timeout=60s")
	l.must("restart", "kube-apiserver", "--name", "life-2")
	l.must("status", "--name", "life-2")

	l.must("down", "--name", "life-1")
	l.must("status", "--name", "life-2")
	l.must("down", "--name", "life-2")
	for _, dir := range []string{first, second} {
		l.nothingIsLeft(dir)
	}
}

func (l lifecycle) firstProcess(dir string) int {
	l.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "node1", "pid"))
	if err != nil {
		l.Fatal(err)
	}
	number, _, _ := strings.Cut(string(text), " ")
	pid, err := strconv.Atoi(number)
	if err != nil {
		l.Fatal(err)
	}
	return pid
}

func (l lifecycle) nothingIsLeft(dir string) {
	l.Helper()
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		l.Errorf("folder %s: %v", dir, err)
	}
	for _, pattern := range []string{
		"/run/netns/agenttier-life-*", "/run/agenttier-cluster/life-*", "/sys/fs/cgroup/agenttier-life-*", "/sys/fs/cgroup/*/agenttier-life-*",
	} {
		if left, err := filepath.Glob(pattern); err != nil || len(left) > 0 {
			l.Errorf("left behind: %v, %v", left, err)
		}
	}
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		l.Fatal(err)
	}
	for _, command := range commands {
		// A process that has just ended cannot be read.
		if line, err := os.ReadFile(command); err == nil && strings.Contains(string(line), dir) {
			l.Errorf("still running: %s", strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	mounts, err := os.ReadFile("/proc/mounts")
	if err != nil {
		l.Fatal(err)
	}
	if strings.Contains(string(mounts), dir) {
		l.Errorf("still mounted below %s", dir)
	}
}
