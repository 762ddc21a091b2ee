package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/frames"
)

// onSmallDisks mounts a file system of 4 MiB as workspace and one of 8 MiB as spool where nobody else sees them, and becomes the program
// that its arguments name.
const onSmallDisks = `mount -t tmpfs -o size=4m,mode=755 workspace "$SANDBOXD_TEST_DIR/root" && mount -t tmpfs -o size=8m,mode=755 spool "$SANDBOXD_TEST_SPOOL" && exec "$@"`

// beginOnSmallDisks starts the program as it is shipped with little room for files and output.
func beginOnSmallDisks(t *testing.T) *daemon {
	t.Helper()
	unshare := []string{"unshare", "--mount"}
	if os.Geteuid() != 0 {
		unshare = append(unshare, "--user", "--map-root-user")
	}
	try := append(unshare, "mount", "-t", "tmpfs", "none", t.TempDir())
	if output, err := exec.Command(try[0], try[1:]...).CombinedOutput(); err != nil {
		t.Skipf("a file system of a size of its own is needed, and %v failed: %v %s", try, err, output)
	}
	return beginBuilt(t, nil, append(unshare, "sh", "-c", onSmallDisks, "sh")...)
}

// noise cannot be compressed.
func noise(size int) string {
	bytes := make([]byte, size)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range bytes {
		bytes[i] = byte(random.Uint32())
	}
	return string(bytes)
}

func (d *daemon) expect(status int, method, path, operation, body string) string {
	d.t.Helper()
	got, text, err := d.do(method, path, operation, body)
	if err != nil || got != status {
		d.t.Errorf("%s %s: %d %.300q, %v; expected %d", method, path, got, text, err, status)
	}
	return text
}

func TestFullWorkspaceIsSaidAndNothingElseIsLost(t *testing.T) {
	t.Parallel()
	d := beginOnSmallDisks(t)
	big := noise(1200 << 10)
	d.expect(201, "PUT", "/v1/files?path=fill", "files.write", noise(3<<20))
	d.expect(201, "PUT", "/v1/files?path=old", "files.write", "old")
	put := map[string][3]string{
		"a new file":      {"/v1/files?path=new", "files.write", big},
		"a file replaced": {"/v1/files?path=old", "files.write", big},
		"an append":       {"/v1/files?path=old&offset=3", "files.write", big},
		"a tar":           {"/v1/archive?format=tar&path=from", "archive.write", tarOf(t, "big", big)},
		"a zip":           {"/v1/archive?format=zip&path=from", "archive.write", zipOf(t, "big", big)},
		"a part":          {"/v1/archive?format=zip&path=from&upload=u", "archive.write", zipOf(t, "big", big)},
	}
	for what, call := range put {
		if text := d.expect(507, "PUT", call[0], call[1], call[2]); !strings.Contains(text, "no space is left on the volume") {
			t.Errorf("%s: %s", what, text)
		}
	}
	d.expect(507, "POST", "/v1/configure", "configure", d.configure(`["true"]`, "old", "new", "agent", big))
	if text := d.expect(200, "GET", "/v1/files?path=old", "files.read", ""); text != "old" {
		t.Errorf("the file that was there holds %.20q", text)
	}
	if text := d.script("ls -A . from; head -c 2097152 /dev/zero > mine || echo and ours goes on; rm mine"); !strings.Contains(text, "\x03.:\nfill\nold\n") &&
		!strings.Contains(text, "fill\nfrom\nold\n\nfrom:\n") || !strings.Contains(text, "No space left") || !strings.Contains(text, "and ours goes on") {
		t.Errorf("a command on the full volume: %q", text)
	}
	d.expect(204, "DELETE", "/v1/files?path=fill", "files.write", "")
	d.expect(200, "PUT", "/v1/files?path=old", "files.write", big)
	d.expect(204, "DELETE", "/v1/files?path=old", "files.write", "")
	for _, what := range []string{"a tar", "a zip"} {
		call := put[what]
		d.expect(200, "PUT", call[0], call[1], call[2])
		d.expect(204, "DELETE", "/v1/files?path=from&recursive=true", "files.write", "")
	}
	d.expect(200, "PUT", put["a part"][0]+"&final=true", "archive.write", put["a part"][2])
	if text := d.expect(200, "GET", "/v1/files?path=from/big", "files.read", ""); text != big {
		t.Errorf("%d bytes arrived of %d", len(text), len(big))
	}
}

func tarOf(t *testing.T, name, content string) string {
	t.Helper()
	var to bytes.Buffer
	archive := tar.NewWriter(&to)
	err := archive.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644, Typeflag: tar.TypeReg})
	if err == nil {
		_, err = io.WriteString(archive, content)
	}
	if err = errors.Join(err, archive.Close()); err != nil {
		t.Fatal(err)
	}
	return to.String()
}

func zipOf(t *testing.T, name, content string) string {
	t.Helper()
	var to bytes.Buffer
	archive := zip.NewWriter(&to)
	file, err := archive.Create(name)
	if err == nil {
		_, err = io.WriteString(file, content)
	}
	if err = errors.Join(err, archive.Close()); err != nil {
		t.Fatal(err)
	}
	return to.String()
}

func TestFullSpoolLosesOnlyWhatNobodyReadsAndSaysSo(t *testing.T) {
	t.Parallel()
	d := beginOnSmallDisks(t)
	d.script(`head -c 8388608 /dev/zero > "$SANDBOXD_TEST_SPOOL/fill"`)
	const lines = 400_000 // of 10 bytes
	count := fmt.Sprintf("seq -f %%09.0f 1 %d; exit 3", lines)

	watched := parse(t, d.script(count))
	if watched.gaps != 0 || len(watched.stdout) != 10*lines || !strings.HasSuffix(watched.stdout, fmt.Sprintf("%09d\n", lines)) || !watched.exited(3) {
		t.Errorf("read while it ran: %d gaps, %d bytes, end %s", watched.gaps, len(watched.stdout), watched.last)
	}
	unread := d.alone("unread", count)
	kept := len(unread.stdout)
	if unread.gaps != 1 || kept == 0 || kept+int(unread.lost) != 10*lines || !unread.exited(3) ||
		unread.stdout[kept%10:] != tail(lines, kept/10) {
		t.Errorf("read afterwards: %d gaps of %d bytes, %d bytes, end %s", unread.gaps, unread.lost, kept, unread.last)
	}
	content := noise(3 << 20)
	d.expect(201, "PUT", "/v1/files?path=noise", "files.write", content)
	archive := parse(t, d.expect(200, "POST", "/v1/archive?format=zip", "archive.read", ""))
	if got := unzip(t, archive.stdout, "noise"); got != content || !archive.exited(0) {
		t.Errorf("the archive has %d bytes of %d, end %s", len(got), len(content), archive.last)
	}

	d.script(`rm "$SANDBOXD_TEST_SPOOL/fill"`)
	if whole := d.alone("whole", count); whole.gaps != 0 || len(whole.stdout) != 10*lines || !whole.exited(3) {
		t.Errorf("with room again: %d gaps, %d bytes, end %s", whole.gaps, len(whole.stdout), whole.last)
	}
	if n := strings.Count(d.log.String(), "no space left"); n != 1 {
		t.Errorf("the container's log says %d times that the spool is full: %s", n, d.log.String())
	}
}

// tail is the last n of lines.
func tail(lines, n int) string {
	var text strings.Builder
	for i := lines - n + 1; i <= lines; i++ {
		fmt.Fprintf(&text, "%09d\n", i)
	}
	return text.String()
}

// alone runs a script that nobody reads until it has ended.
func (d *daemon) alone(name, script string) streamed {
	d.t.Helper()
	d.expect(201, "POST", "/v1/processes", "exec", fmt.Sprintf(`{"class":"exec","name":%q,"script":%q,"onDisconnect":"keep"}`, name, script))
	eventually(d.t, name+" has ended", func() bool {
		return strings.Contains(d.expect(200, "GET", "/v1/processes/"+name, "processes", ""), `"running":false`)
	})
	return parse(d.t, d.expect(200, "GET", "/v1/processes/"+name+"/log", "log", ""))
}

// streamed is what came of a stream of frames.
type streamed struct {
	stdout string
	gaps   int
	lost   int64
	// last event.
	last string
}

func (s streamed) exited(code int) bool {
	return strings.Contains(s.last, fmt.Sprintf(`"exit":{"outcome":"exited","code":%d,`, code))
}

func parse(t *testing.T, text string) (s streamed) {
	t.Helper()
	var out strings.Builder
	for from := strings.NewReader(text); ; {
		frame, err := frames.Read(from)
		if errors.Is(err, io.EOF) {
			s.stdout = out.String()
			return s
		}
		if err != nil {
			t.Fatal(err)
		}
		var first, after int64
		switch frame.Type {
		case frames.Stdout:
			out.Write(frame.Data)
		case frames.Event:
			s.last = string(frame.Data)
			if n, _ := fmt.Sscanf(s.last, `{"event":"gap","from":%d,"to":%d}`, &first, &after); n == 2 {
				s.gaps, s.lost = s.gaps+1, s.lost+after-first
			}
		}
	}
}

func unzip(t *testing.T, archive, name string) string {
	t.Helper()
	directory, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Error(err)
		return ""
	}
	file, err := directory.Open(name)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		t.Error(err)
	}
	return string(content)
}
