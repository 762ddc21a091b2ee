package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// inAnImageOfNothing makes a read-only root that holds the program $1 and what every container has, and becomes that program there: as
// process 1 and as a user that nobody knows.
const inAnImageOfNothing = `set -e
root=$SANDBOXD_TEST_DIR/image
mkdir "$root" && mount -t tmpfs -o mode=755 image "$root"
mkdir -p "$root/proc" "$root/dev" "$root$SANDBOXD_TEST_DIR"
touch "$root/dev/null" && mount --bind /dev/null "$root/dev/null"
mount -t proc proc "$root/proc"
mount --bind "$SANDBOXD_TEST_DIR" "$root$SANDBOXD_TEST_DIR"
chown 54321:54321 "$SANDBOXD_TEST_DIR" "$SANDBOXD_TEST_DIR"/*
cp "$1" "$root/sandboxd" && chmod 755 "$root/sandboxd"
mount -o remount,ro "$root"
exec chroot --userspec=54321:54321 "$root" /sandboxd serve`

func TestNeedsNothingOfTheImageNorOfTheUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may become another user and change the root")
	}
	unshare := []string{"unshare", "--mount", "--pid", "--fork", "--kill-child"}
	if output, err := exec.Command(unshare[0], append(unshare[1:], "mount", "-t", "tmpfs", "none", t.TempDir())...).CombinedOutput(); err != nil {
		t.Skipf("namespaces and mounts are needed, and %v failed: %v %s", unshare, err, output)
	}
	d := beginBuilt(t, nil, append(unshare, "sh", "-c", inAnImageOfNothing, "sh")...)
	run := func(request string) streamed {
		return parse(t, d.expect(200, "POST", "/v1/processes?watch=true", "exec", request))
	}
	if ran := run(`{"class":"exec","argv":["/sandboxd","version"]}`); ran.stdout != "dev\n" || !ran.exited(0) {
		t.Errorf("a program of the image said %q, end %s", ran.stdout, ran.last)
	}
	if script := run(`{"class":"exec","script":"true"}`); !strings.Contains(script.last, `"outcome":"notStarted","code":127,"message":"a script needs`) {
		t.Errorf("a script without a shell ended with %s", script.last)
	}
	d.expect(201, "PUT", "/v1/files?path=a/b", "files.write", "content")
	if text := d.expect(200, "GET", "/v1/files?path=a/b", "files.read", ""); text != "content" {
		t.Errorf("the file holds %q", text)
	}
	if archive := parse(t, d.expect(200, "POST", "/v1/archive", "archive.read", "")); unzip(t, archive.stdout, "a/b") != "content" || !archive.exited(0) {
		t.Errorf("archive: end %s", archive.last)
	}
	if own := children(t, d.command.Process.Pid); len(own) != 1 {
		t.Fatalf("children %v, expected sandboxd alone", own)
	} else if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", own[0])); err != nil || !strings.Contains(string(status), "NSpid:\t"+fmt.Sprint(own[0])+"\t1\n") ||
		!strings.Contains(string(status), "Uid:\t54321\t54321") {
		t.Errorf("it is not process 1 as user 54321: %v\n%s", err, status)
	}
	if text, err := os.ReadFile(filepath.Join(d.dir, "root", "a", "b")); err != nil || string(text) != "content" {
		t.Errorf("the workspace holds %q, %v", text, err)
	}
}
