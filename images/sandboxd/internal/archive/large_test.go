package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// sizeOf is as large as is promised with AGENTTIER_SIZE=full, else what is quick.
func sizeOf(small, full int64) int64 {
	if os.Getenv("AGENTTIER_SIZE") == "full" {
		return full
	}
	return small
}

// some is the info of a file that there need not be.
type some struct {
	size int64
	mode fs.FileMode
}

func (s some) Name() string       { return "" }
func (s some) Size() int64        { return s.size }
func (s some) Mode() fs.FileMode  { return s.mode }
func (s some) ModTime() time.Time { return when }
func (s some) IsDir() bool        { return s.mode.IsDir() }
func (s some) Sys() any           { return nil }

const entries = 100_000

func held() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// zipOfMany has more entries than 16 bits count.
func zipOfMany(t *testing.T) *os.File {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "many.zip"))
	must(t, err)
	t.Cleanup(func() { file.Close() })
	before := held()
	sink := newZipSink(file)
	for i := range entries {
		must(t, sink.link(fmt.Sprintf("folder %03d/link %06d", i/1000, i), fmt.Sprint(i*i), some{mode: fs.ModeSymlink | 0o777}))
	}
	if took := held() - before; took > 8<<20 {
		t.Errorf("%d entries took %d bytes", entries, took)
	}
	must(t, sink.end("the comment"))
	return file
}

func TestADirectoryOfManyEntriesTakesLittleMemory(t *testing.T) {
	file := zipOfMany(t)
	info, err := file.Stat()
	must(t, err)
	before, i := held(), 0
	must(t, eachZip(file, info.Size(), func(entry *zip.File) error {
		if want := fmt.Sprintf("folder %03d/link %06d", i/1000, i); entry.Name != want || !entry.Modified.Equal(when) || entry.Mode() != fs.ModeSymlink|0o777 {
			t.Fatalf("entry %+v, expected %q", entry.FileHeader, want)
		}
		if i++; i == entries {
			if took := held() - before; took > 4<<20 {
				t.Errorf("reading %d entries took %d bytes", entries, took)
			}
		}
		return nil
	}))
	if i != entries {
		t.Errorf("%d entries", i)
	}
	whole, err := zip.NewReader(file, info.Size()) // as others read it
	must(t, err)
	if len(whole.File) != entries || whole.Comment != "the comment" {
		t.Errorf("%d entries, comment %q", len(whole.File), whole.Comment)
	}
	last, err := whole.File[entries-1].Open()
	must(t, err)
	if text, err := io.ReadAll(last); err != nil || string(text) != fmt.Sprint((entries-1)*(entries-1)) {
		t.Errorf("%q, %v", text, err)
	}
}

func TestWhatStandsBeforeAZipIsPassedOver(t *testing.T) {
	content := zipOf(t, zipped{name: "a/b", content: "evil"})
	for name, around := range map[string][]byte{"before": append(bytes.Repeat([]byte("#!/bin/sh\n"), 300), content...), "alone": content} {
		root := t.TempDir()
		_, err := extract(subtree(t, root), Zip, around)
		must(t, err)
		if text, _ := os.ReadFile(filepath.Join(root, "a/b")); string(text) != "evil" {
			t.Errorf("%s: %q", name, text)
		}
	}
}

// TestPlacesBeyond4GiBAreFound makes a zip whose first part is a hole.
func TestPlacesBeyond4GiBAreFound(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "far.zip"))
	must(t, err)
	defer file.Close()
	const far = 5 << 30
	_, err = file.Seek(far, io.SeekStart)
	must(t, err)
	sink := newZipSink(file)
	sink.out.count = far
	must(t, sink.file("far", some{size: 4}, bytes.NewReader([]byte("text"))))
	must(t, sink.end(""))
	info, err := file.Stat()
	must(t, err)
	root := t.TempDir()
	_, err = ExtractZip(context.Background(), subtree(t, root), file, info.Size())
	must(t, err)
	if text, _ := os.ReadFile(filepath.Join(root, "far")); string(text) != "text" {
		t.Errorf("%q", text)
	}
}

// TestALargeSparseFileGoesThroughAndStaysSparse takes 10 GiB at full size: more than 32 bits say.
func TestALargeSparseFileGoesThroughAndStaysSparse(t *testing.T) {
	size := sizeOf(128<<20, 10<<30)
	from := t.TempDir()
	sparse, err := os.Create(filepath.Join(from, "sparse"))
	must(t, err)
	_, err = sparse.WriteAt([]byte("middle"), size/2)
	must(t, err)
	must(t, sparse.Truncate(size))
	must(t, sparse.Close())
	for _, format := range []Format{Zip, TarGz} {
		packed, err := os.Create(filepath.Join(t.TempDir(), "packed"))
		must(t, err)
		defer packed.Close()
		must(t, Write(context.Background(), subtree(t, from), format, packed, io.Discard))
		info, err := packed.Stat()
		must(t, err)
		if info.Size() > size/100 {
			t.Errorf("the %s has %d bytes", format, info.Size())
		}
		to := t.TempDir()
		if format == Zip {
			_, err = ExtractZip(context.Background(), subtree(t, to), packed, info.Size())
		} else {
			_, err = packed.Seek(0, io.SeekStart)
			must(t, err)
			_, err = Extract(context.Background(), subtree(t, to), format, packed)
		}
		must(t, err)
		isSparse(t, filepath.Join(to, "sparse"), size)
	}
}

func isSparse(t *testing.T, path string, size int64) {
	t.Helper()
	file, err := os.Open(path)
	must(t, err)
	defer file.Close()
	info, err := file.Stat()
	must(t, err)
	text := make([]byte, 6)
	_, err = file.ReadAt(text, size/2)
	must(t, err)
	var stat unix.Stat_t
	must(t, unix.Stat(path, &stat))
	if info.Size() != size || string(text) != "middle" || stat.Blocks*512 > 1<<20 {
		t.Errorf("%d bytes with %q, %d on disk", info.Size(), text, stat.Blocks*512)
	}
}

func TestSparseEntriesOfOtherTarsAreKept(t *testing.T) {
	if _, err := exec.LookPath("tar"); err != nil {
		t.Skip(err)
	}
	const size = 64 << 20
	from := t.TempDir()
	sparse, err := os.Create(filepath.Join(from, "sparse"))
	must(t, err)
	_, err = sparse.WriteAt([]byte("middle"), size/2)
	must(t, err)
	must(t, sparse.Truncate(size))
	must(t, sparse.Close())
	for _, how := range []string{"--format=gnu", "--format=pax"} {
		content, err := exec.Command("tar", "-C", from, "-S", how, "-cf", "-", "sparse").Output()
		must(t, err)
		root := t.TempDir()
		_, err = extract(subtree(t, root), Tar, content)
		must(t, err)
		isSparse(t, filepath.Join(root, "sparse"), size)
	}
}

// TestManySmallFilesGoThrough takes 100,000 at full size.
func TestManySmallFilesGoThrough(t *testing.T) {
	count := int(sizeOf(2_000, 100_000))
	from := t.TempDir()
	for i := range count {
		folder := filepath.Join(from, fmt.Sprint(i/500))
		must(t, os.MkdirAll(folder, 0o755))
		must(t, os.WriteFile(filepath.Join(folder, fmt.Sprint(i)), fmt.Append(nil, i), 0o640))
	}
	for _, format := range []Format{Zip, TarGz} {
		content, notes := archiveOf(t, from, format)
		to := t.TempDir()
		done, err := extract(subtree(t, to), format, content)
		must(t, err)
		if done.Files != int64(count) || notes != "" {
			t.Errorf("%+v, notes %q", done, notes)
		}
		compare(t, from, to)
	}
}

func TestWhatCannotBeReadIsNamedInATarToo(t *testing.T) {
	root := t.TempDir()
	must(t, unix.Mkfifo(filepath.Join(root, "new\nline"), 0o600))
	content, notes := archiveOf(t, root, TarGz)
	read := tar.NewReader(bytes.NewReader(gunzip(t, content)))
	h, err := read.Next()
	must(t, err)
	if want := "Left out or incomplete: 1\n\"new\\nline\": a FIFO\n"; notes != want || h.PAXRecords[leftOutRecord] != want {
		t.Errorf("notes %q, record %q", notes, h.PAXRecords[leftOutRecord])
	}
}
