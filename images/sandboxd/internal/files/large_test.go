package files

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// full is as large as is promised; without AGENTTIER_SIZE=full tests take a size that is quick.
var full = os.Getenv("AGENTTIER_SIZE") == "full"

func sizeOf(small, large int64) int64 {
	if full {
		return large
	}
	return small
}

func onDisk(t *testing.T, file string) int64 {
	t.Helper()
	var stat unix.Stat_t
	if err := unix.Stat(file, &stat); err != nil {
		t.Fatal(err)
	}
	return stat.Blocks * 512
}

func TestASparseFileIsReadAnywhere(t *testing.T) {
	const size = 10 << 30
	tree, root := newTree(t)
	sparse, err := os.Create(filepath.Join(root, "sparse"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sparse.WriteAt([]byte("middle"), size/2); err != nil {
		t.Fatal(err)
	}
	if err := sparse.Truncate(size); err != nil {
		t.Fatal(err)
	}
	sparse.Close()
	if entry, err := tree.Stat("sparse"); err != nil || entry.Size != size {
		t.Errorf("%+v, %v", entry, err)
	}
	file, _, err := tree.Open("sparse")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	part := make([]byte, 10)
	if _, err := file.ReadAt(part, size/2-2); err != nil || string(part) != "\x00\x00middle\x00\x00" {
		t.Errorf("%q, %v", part, err)
	}
}

func TestZerosBecomeHolesWhenWrittenAndAppended(t *testing.T) {
	tree, root := newTree(t)
	content := make([]byte, 8<<20)
	copy(content[3<<20:], "middle")
	for name, cut := range map[string]int{"ends in a hole": 0, "aligned": 4 << 20, "odd": 5<<20 + 17, "in the text": 3<<20 + 3} {
		if _, err := tree.Replace(name, bytes.NewReader(content[:cut]), Write{}); err != nil {
			t.Fatal(err)
		}
		if done, err := tree.Append(name, int64(cut), bytes.NewReader(content[cut:]), Write{}); err != nil || done.Bytes != int64(len(content)) {
			t.Fatalf("%+v, %v", done, err)
		}
		path := filepath.Join(root, name)
		if got, _ := os.ReadFile(path); !bytes.Equal(got, content) {
			t.Errorf("%s: other content, %d bytes", name, len(got))
		}
		if used := onDisk(t, path); used > 1<<20 {
			t.Errorf("%s takes %d bytes on disk", name, used)
		}
	}
}

func TestAnAppendThatBreaksOffInAHoleLeavesTheFormerSize(t *testing.T) {
	tree, root := newTree(t)
	put(t, filepath.Join(root, "f"), "before")
	body := io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), broken{})
	if _, err := tree.Append("f", 6, body, Write{}); err == nil {
		t.Fatal("no error")
	}
	if got, _ := os.ReadFile(filepath.Join(root, "f")); string(got) != "before" {
		t.Errorf("%d bytes", len(got))
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestALargeFolderIsListedOncePageByPage(t *testing.T) {
	tree, root := newTree(t)
	files := int(sizeOf(2_000, 100_000))
	for i := range files {
		put(t, filepath.Join(root, fmt.Sprintf("file %06d", (i*7919)%files)), "")
	}
	begin, token, seen, pages := time.Now(), "", 0, 0
	for {
		page, err := tree.List(t.Context(), "", int(sizeOf(100, MaxLimit)), token)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, entry := range page.Entries {
			if want := fmt.Sprintf("file %06d", seen); entry.Name != want {
				t.Fatalf("%q, expected %q", entry.Name, want)
			}
			seen++
		}
		if token = page.Continue; token == "" {
			break
		}
	}
	if seen != files || pages != 20 {
		t.Errorf("%d entries on %d pages, expected %d on 20", seen, pages, files)
	}
	t.Logf("%d pages of a folder with %d files: %s", pages, files, time.Since(begin))
}

func TestAPageOfLongLinksEndsEarly(t *testing.T) {
	tree, root := newTree(t)
	const links = 1200
	for i := range links {
		if err := os.Symlink(strings.Repeat("t", 4000), filepath.Join(root, fmt.Sprintf("%04d", i))); err != nil {
			t.Fatal(err)
		}
	}
	seen, token := 0, ""
	for pages := 1; ; pages++ {
		page, err := tree.List(t.Context(), "", MaxLimit, token)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Entries) > pageBytes/4000+1 {
			t.Errorf("%d entries on a page", len(page.Entries))
		}
		seen += len(page.Entries)
		if token = page.Continue; token == "" {
			if pages != 3 || seen != links {
				t.Errorf("%d links on %d pages", seen, pages)
			}
			return
		}
	}
}

func TestDevicesAreListedAndNotOpened(t *testing.T) {
	tree, root := newTree(t)
	defer unix.Umask(unix.Umask(0))
	if err := unix.Mknod(filepath.Join(root, "null"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))); err != nil {
		t.Skip("devices cannot be made here: ", err)
	}
	if _, _, err := tree.Open("null"); status(err) != 400 || !strings.Contains(err.Error(), "a device") {
		t.Errorf("open: %v", err)
	}
	if _, err := tree.Append("null", 0, strings.NewReader("x"), Write{}); status(err) != 400 {
		t.Errorf("append: %v", err)
	}
	if entry, err := tree.Stat("null"); err != nil || entry.Mode != "0666" {
		t.Errorf("%+v, %v", entry, err)
	}
	if err := tree.Remove("null", false); err != nil {
		t.Errorf("remove: %v", err)
	}
}
