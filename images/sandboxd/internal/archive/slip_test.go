package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/fault"
)

func gunzip(t testing.TB, content []byte) []byte {
	t.Helper()
	plain, err := gzip.NewReader(bytes.NewReader(content))
	must(t, err)
	text, err := io.ReadAll(plain)
	must(t, err)
	return text
}

func tarOf(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range headers {
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		if h.Typeflag == tar.TypeReg {
			h.Size = 4
		}
		must(t, w.WriteHeader(&h))
		if h.Typeflag == tar.TypeReg {
			_, err := w.Write([]byte("evil"))
			must(t, err)
		}
	}
	must(t, w.Close())
	return out.Bytes()
}

type zipped struct {
	name, content string
	mode          fs.FileMode
	flags         uint16
}

func zipOf(t testing.TB, entries ...zipped) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Flags: e.flags}
		if e.mode == 0 {
			e.mode = 0o644
		}
		h.SetMode(e.mode)
		to, err := w.CreateHeader(h)
		must(t, err)
		if e.content != "" {
			_, err = io.WriteString(to, e.content)
			must(t, err)
		}
	}
	must(t, w.Close())
	return out.Bytes()
}

// TestNothingIsWrittenOutsideTheFolder gives each archive a folder beside a canary. It holds a link out and one that stays inside.
func TestNothingIsWrittenOutsideTheFolder(t *testing.T) {
	long := strings.Repeat("n", 256)
	deep := strings.Repeat("d/", 2100) + "f"
	link := func(name, target string) tar.Header {
		return tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target}
	}
	hard := func(name, target string) tar.Header {
		return tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: target}
	}
	tars := map[string][]tar.Header{
		"dotdot":                        {{Name: "../canary"}},
		"dotdot in the middle":          {{Name: "a/../../canary"}},
		"dotdot that stays inside":      {{Name: "a/../b"}},
		"dotdot at the end":             {{Typeflag: tar.TypeDir, Name: "a/.."}},
		"only dotdot":                   {{Typeflag: tar.TypeDir, Name: ".."}},
		"absolute":                      {{Name: "/canary"}},
		"absolute, twice":               {{Name: "//etc/canary"}},
		"proc":                          {{Name: "/proc/self/root/canary"}},
		"through a link out":            {{Name: "out/canary"}},
		"through a link inside":         {{Name: "in/x"}},
		"link, then through it":         {link("l", ".."), {Name: "l/canary"}},
		"absolute link, then through":   {link("l", "/"), {Name: "l/tmp/canary"}},
		"link chain, then through":      {link("x", "."), link("y", "x/.."), {Name: "y/canary"}},
		"folder through a link":         {link("l", ".."), {Typeflag: tar.TypeDir, Name: "l/new"}},
		"folder named like a link":      {{Typeflag: tar.TypeDir, Name: "out", Mode: 0o777}},
		"link through a link":           {link("l", ".."), link("l/canary", "x")},
		"hard link out":                 {hard("h", "../canary")},
		"hard link absolute":            {hard("h", "/etc/passwd")},
		"hard link through a link":      {hard("h", "out/canary")},
		"hard link to a link":           {hard("h", "outfile")},
		"hard link to a folder":         {hard("h", "dir")},
		"hard link to nothing":          {hard("h", "missing")},
		"hard link, then over it":       {hard("h", "out/canary"), {Name: "h"}},
		"empty link target":             {link("l", "")},
		"over-long segment":             {{Name: "a/" + long}},
		"over-long name":                {{Name: deep}},
		"file over a folder":            {{Name: "dir"}},
		"file as a folder":              {{Name: "file/x"}},
		"the folder itself as a file":   {{Name: "."}},
		"character device":              {{Typeflag: tar.TypeChar, Name: "dev", Devmajor: 1, Devminor: 3}},
		"block device":                  {{Typeflag: tar.TypeBlock, Name: "dev", Devmajor: 8}},
		"FIFO":                          {{Typeflag: tar.TypeFifo, Name: "pipe"}},
		"unknown type":                  {{Typeflag: 'Z', Name: "z"}},
		"dotdot after good ones":        {{Name: "good"}, {Name: "../canary"}},
		"restored by a later dotdot":    {{Typeflag: tar.TypeDir, Name: "a"}, {Name: "a/b/../../../canary"}},
		"backslashes are no separators": {{Name: "x/..\\..\\canary"}, {Name: "../x"}},
		"long name of GNU with dotdot":  {{Name: strings.Repeat("d/", 80) + "../../canary", Format: tar.FormatGNU}},
		"long name of pax with dotdot":  {{Name: strings.Repeat("ä/", 80) + "../canary", Format: tar.FormatPAX}},
		"long hard link of GNU":         {{Typeflag: tar.TypeLink, Name: "h", Linkname: strings.Repeat("d/", 80) + "../canary", Format: tar.FormatGNU}},
		"link loop, then through it":    {link("l", "m"), link("m", "l"), {Name: "l/canary"}},
		"link into proc, then through":  {link("l", "/proc/self/root"), {Name: "l/canary"}},
		"link over a folder, then in":   {{Typeflag: tar.TypeDir, Name: "d"}, link("d/l", "../.."), {Name: "d/l/canary"}},
		"hard link as a folder":         {{Name: "g"}, hard("h", "g"), {Name: "h/canary"}},
		"folder over a link":            {link("d", ".."), {Typeflag: tar.TypeDir, Name: "d"}, {Name: "d/canary"}},
		"hard link to a link made here": {link("l", "../canary"), hard("h", "l")},
	}
	cases := map[string]struct {
		format  Format
		content []byte
	}{
		"zip: dotdot":                   {Zip, zipOf(t, zipped{name: "../canary", content: "evil"})},
		"zip: absolute":                 {Zip, zipOf(t, zipped{name: "/canary", content: "evil"})},
		"zip: NUL":                      {Zip, zipOf(t, zipped{name: "a\x00b", content: "evil"})},
		"zip: empty name":               {Zip, zipOf(t, zipped{name: "", content: "evil"})},
		"zip: over-long segment":        {Zip, zipOf(t, zipped{name: long, content: "evil"})},
		"zip: link, then through it":    {Zip, zipOf(t, zipped{name: "l", content: "..", mode: fs.ModeSymlink | 0o777}, zipped{name: "l/canary", content: "evil"})},
		"zip: through a link out":       {Zip, zipOf(t, zipped{name: "out/canary", content: "evil"})},
		"zip: link target with NUL":     {Zip, zipOf(t, zipped{name: "l", content: "a\x00b", mode: fs.ModeSymlink | 0o777})},
		"zip: over-long link target":    {Zip, zipOf(t, zipped{name: "l", content: strings.Repeat("x", 5000), mode: fs.ModeSymlink | 0o777})},
		"zip: device":                   {Zip, zipOf(t, zipped{name: "dev", mode: fs.ModeDevice | 0o600})},
		"zip: FIFO":                     {Zip, zipOf(t, zipped{name: "pipe", mode: fs.ModeNamedPipe | 0o600})},
		"zip: folder named like a link": {Zip, zipOf(t, zipped{name: "out/", mode: fs.ModeDir | 0o777})},
		"zip: encrypted":                {Zip, zipOf(t, zipped{name: "x", content: "evil", flags: 1})},
		"zip: file over a folder":       {Zip, zipOf(t, zipped{name: "dir", content: "evil"})},
		"zip: dotdot by backslashes":    {Zip, zipOf(t, zipped{name: "..\\canary/../../canary", content: "evil"})},
		"zip: absolute link, through":   {Zip, zipOf(t, zipped{name: "l", content: "/", mode: fs.ModeSymlink | 0o777}, zipped{name: "l/tmp/canary", content: "evil"})},
		"zip: socket":                   {Zip, zipOf(t, zipped{name: "s", mode: fs.ModeSocket | 0o600})},
		"zip: file as a folder":         {Zip, zipOf(t, zipped{name: "file/x", content: "evil"})},
		"zip: cut within its directory": {Zip, cutDirectory(zipOf(t, zipped{name: "in/x", content: "evil"}, zipped{name: "in/y", content: "evil"}))},
		"zip: more records than said":   {Zip, zipWithRecords(zipOf(t, zipped{name: "in/x", content: "evil"}), 2)},
		"zip: directory before itself":  {Zip, zipWithStart(zipOf(t, zipped{name: "in/x", content: "evil"}), 0xfffffff0)},
		"zip: no zip":                   {Zip, []byte("PK\x03\x04 and nothing more")},
		"zip: empty":                    {Zip, nil},
		"tar.gz: no gzip":               {TarGz, []byte("plain")},
		"tar.gz: empty":                 {TarGz, nil},
		"tar: garbage":                  {Tar, bytes.Repeat([]byte("garbage"), 512)},
	}
	for name, headers := range tars {
		cases["tar: "+name] = struct {
			format  Format
			content []byte
		}{Tar, tarOf(t, headers...)}
		cases["tar.gz: "+name] = struct {
			format  Format
			content []byte
		}{TarGz, gzipped(t, tarOf(t, headers...))}
	}
	if len(cases) < 60 {
		t.Errorf("%d cases", len(cases))
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			outside := t.TempDir()
			root := filepath.Join(outside, "root")
			must(t, os.MkdirAll(filepath.Join(root, "dir"), 0o755))
			must(t, os.WriteFile(filepath.Join(outside, "canary"), []byte("alive"), 0o600))
			must(t, os.WriteFile(filepath.Join(root, "file"), []byte("mine"), 0o600))
			must(t, os.Symlink("..", filepath.Join(root, "out")))
			must(t, os.Symlink("dir", filepath.Join(root, "in")))
			must(t, os.Symlink("../canary", filepath.Join(root, "outfile")))
			_, err := extract(subtree(t, root), c.format, c.content)
			if known, ok := errors.AsType[*fault.Error](err); !ok || known.Status != http.StatusBadRequest && known.Status != http.StatusNotFound {
				t.Errorf("error %v, expected 400", err)
			}
			unharmed(t, outside)
			for _, path := range []string{"in/x", "b", "pipe", "dev", "x"} {
				if _, err := os.Lstat(filepath.Join(root, path)); err == nil && path != "x" {
					t.Errorf("%s was written", path)
				}
			}
		})
	}
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(content)
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}

// cutDirectory makes the directory of a zip shorter than its records are.
func cutDirectory(content []byte) []byte {
	return zipWithLength(content, binary.LittleEndian.Uint32(content[len(content)-10:])-1)
}

func zipWithRecords(content []byte, records uint16) []byte {
	binary.LittleEndian.PutUint16(content[len(content)-12:], records)
	return content
}

func zipWithLength(content []byte, length uint32) []byte {
	binary.LittleEndian.PutUint32(content[len(content)-10:], length)
	return content
}

func zipWithStart(content []byte, start uint32) []byte {
	binary.LittleEndian.PutUint32(content[len(content)-6:], start)
	return content
}

// unharmed checks that the canary lives and that nothing is beside it.
func unharmed(t testing.TB, outside string) {
	t.Helper()
	if text, err := os.ReadFile(filepath.Join(outside, "canary")); string(text) != "alive" {
		t.Errorf("the canary holds %q (%v)", text, err)
	}
	info, err := os.Stat(filepath.Join(outside, "canary"))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the canary has mode %s", info.Mode())
	}
	entries, err := os.ReadDir(outside)
	must(t, err)
	if len(entries) != 2 {
		t.Errorf("beside the canary: %v", entries)
	}
}

func TestALinkThatIsReplacedLeavesWhatItLedTo(t *testing.T) {
	outside := t.TempDir()
	root := filepath.Join(outside, "root")
	must(t, os.Mkdir(root, 0o755))
	must(t, os.WriteFile(filepath.Join(outside, "canary"), []byte("alive"), 0o600))
	must(t, os.Symlink("../canary", filepath.Join(root, "f")))
	_, err := extract(subtree(t, root), Tar, tarOf(t, tar.Header{Name: "f"}))
	must(t, err)
	unharmed(t, outside)
	if text, _ := os.ReadFile(filepath.Join(root, "f")); string(text) != "evil" {
		t.Errorf("f holds %q", text)
	}
}

func TestSwapsOfLinksDuringTheCallLeadNowhere(t *testing.T) {
	outside := t.TempDir()
	root := filepath.Join(outside, "root")
	must(t, os.MkdirAll(filepath.Join(root, "d"), 0o755))
	must(t, os.WriteFile(filepath.Join(outside, "canary"), []byte("alive"), 0o600))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			_ = os.RemoveAll(filepath.Join(root, "d"))
			_ = os.Symlink("..", filepath.Join(root, "d"))
			_ = os.Remove(filepath.Join(root, "d"))
			_ = os.Mkdir(filepath.Join(root, "d"), 0o755)
		}
	}()
	content := tarOf(t, tar.Header{Typeflag: tar.TypeDir, Name: "d", Mode: 0o777}, tar.Header{Name: "d/canary"}, tar.Header{Name: "x"}, tar.Header{Name: "d/canary"},
		tar.Header{Typeflag: tar.TypeLink, Name: "h", Linkname: "d/canary"}, tar.Header{Name: "h"})
	for range 300 {
		_, _ = extract(subtree(t, root), Tar, content) // refused or not, as it happens
	}
	close(stop)
	<-stopped
	unharmed(t, outside)
}

func TestAFileThatIsCutIsNotPutInPlace(t *testing.T) {
	whole := tarOf(t, tar.Header{Name: "good"}, tar.Header{Name: "cut"})
	root := t.TempDir()
	if _, err := extract(subtree(t, root), Tar, whole[:512+512+512+2]); err == nil {
		t.Error("no error")
	}
	entries, err := os.ReadDir(root)
	must(t, err)
	if len(entries) != 1 || entries[0].Name() != "good" {
		t.Errorf("there are %v", entries)
	}
}

func TestHardLinksInsideAreKept(t *testing.T) {
	root := t.TempDir()
	_, err := extract(subtree(t, root), Tar, tarOf(t, tar.Header{Name: "a/f"}, tar.Header{Typeflag: tar.TypeLink, Name: "b/g", Linkname: "a/f"}))
	must(t, err)
	f, err := os.Stat(filepath.Join(root, "a/f"))
	must(t, err)
	g, err := os.Stat(filepath.Join(root, "b/g"))
	must(t, err)
	if !os.SameFile(f, g) {
		t.Error("they are two files")
	}
}

func TestFoldersThatMayNotBeWrittenToAreFilledFirst(t *testing.T) {
	root := t.TempDir()
	content := tarOf(t, tar.Header{Typeflag: tar.TypeDir, Name: "ro", Mode: 0o555, ModTime: when}, tar.Header{Name: "ro/f"})
	_, err := extract(subtree(t, root), Tar, content)
	must(t, err)
	info, err := os.Stat(filepath.Join(root, "ro"))
	must(t, err)
	if info.Mode().Perm() != 0o555 || !info.ModTime().Equal(when) {
		t.Errorf("mode %s, modified %s", info.Mode(), info.ModTime())
	}
	must(t, os.Chmod(filepath.Join(root, "ro"), 0o755)) // for its removal
}

func FuzzExtractTar(f *testing.F) {
	f.Add(tarOf(f, tar.Header{Name: "a/b"}, tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: ".."}, tar.Header{Name: "l/canary"}))
	f.Add(tarOf(f, tar.Header{Typeflag: tar.TypeLink, Name: "h", Linkname: "../canary"}))
	f.Add(tarOf(f, tar.Header{Typeflag: tar.TypeDir, Name: "d", Mode: 0o700}, tar.Header{Name: "../canary"}))
	fuzzExtract(f, Tar)
}

func FuzzExtractZip(f *testing.F) {
	f.Add(zipOf(f, zipped{name: "a/b", content: "x"}, zipped{name: "l", content: "..", mode: fs.ModeSymlink | 0o777}, zipped{name: "l/canary", content: "evil"}))
	f.Add(zipOf(f, zipped{name: "../canary", content: "evil"}, zipped{name: "d/", mode: fs.ModeDir | 0o755}))
	fuzzExtract(f, Zip)
}

func fuzzExtract(f *testing.F, format Format) {
	f.Fuzz(func(t *testing.T, content []byte) {
		outside := t.TempDir()
		root := filepath.Join(outside, "root")
		must(t, os.Mkdir(root, 0o755))
		must(t, os.WriteFile(filepath.Join(outside, "canary"), []byte("alive"), 0o600))
		must(t, os.Symlink("..", filepath.Join(root, "out")))
		_, _ = extract(subtree(t, root), format, content)
		unharmed(t, outside)
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, _ error) error {
			if d != nil && d.IsDir() {
				_ = os.Chmod(path, 0o755) // so that it can be removed
			}
			return nil
		})
	})
}

func FuzzEntryName(f *testing.F) {
	for _, name := range []string{"a/b", "../x", "/x", "a//b/.", "..", "a/../b", "\x00"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		name, err := entryName(raw)
		if err == nil && !fs.ValidPath(strings.ToValidUTF8(name, "?")) {
			t.Errorf("%q became %q", raw, name)
		}
	})
}
