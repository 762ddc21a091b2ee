package server

import (
	"archive/zip"
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/archive"
	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/files"
)

func (f *fixture) write(name, content string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.root, name), []byte(content), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

func TestArchiveIsAProcessWhoseBytesHaveOffsets(t *testing.T) {
	f := serve(t, 16<<20)
	f.write("a.txt", strings.Repeat("hello ", 1000))
	r := f.collect(f.call("POST", "/v1/archive?path=&format=zip", "archive.read", nil, nil))
	if r.start.Class != "arch" || r.exit == nil || *r.exit.Code != 0 || r.end != int64(len(r.stdout)) {
		t.Fatalf("start %+v, exit %+v, end %d", r.start, r.exit, r.end)
	}
	content, err := zip.NewReader(bytes.NewReader(r.stdout), int64(len(r.stdout)))
	if err != nil || len(content.File) != 1 || content.File[0].Name != "a.txt" {
		t.Errorf("zip %+v, %v", content, err)
	}
	half := len(r.stdout) / 2
	rest := f.collect(f.call("GET", "/v1/processes/"+r.start.ID+"/log?stream=stdout&follow=true&offset="+strconv.Itoa(half), "log", nil, nil))
	if !bytes.Equal(rest.stdout, r.stdout[half:]) {
		t.Error("the log goes on with other bytes")
	}
}

func TestArchiveOfWhatIsNoFolderStartsNothing(t *testing.T) {
	f := serveChanged(t, 16<<20, 0, func(s *Server) {
		s.Files.Limit(files.Limits{Path: func(name string) error { return restricted(name) }})
	})
	f.write("a.txt", "x")
	if err := os.Mkdir(filepath.Join(f.root, "private"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, expected := range map[string]struct {
		status int
		code   string
	}{
		"missing": {404, "NotFound"}, "a.txt": {400, "BadRequest"}, "../x": {400, "BadRequest"}, "/etc": {400, "BadRequest"}, "private": {403, "Forbidden"},
	} {
		f.fails(f.call("POST", "/v1/archive?path="+path, "archive.read", nil, nil), expected.status, expected.code)
	}
	f.fails(f.call("POST", "/v1/archive?format=rar", "archive.read", nil, nil), 400, "BadRequest")
	f.fails(f.call("POST", "/v1/archive", "files.read", nil, nil), 403, "Forbidden")
	var list struct{ Items []any }
	f.answer(f.call("GET", "/v1/processes", "processes", nil, nil), http.StatusOK, &list)
	if len(list.Items) != 0 {
		t.Errorf("processes %v", list.Items)
	}
	r := f.collect(f.call("POST", "/v1/archive", "archive.read", nil, nil))
	content, err := zip.NewReader(bytes.NewReader(r.stdout), int64(len(r.stdout)))
	if err != nil || len(content.File) != 1 || !strings.Contains(content.Comment, "\"private\"") {
		t.Errorf("zip %+v, %v", content, err)
	}
}

func restricted(name string) error {
	if strings.Contains(name, "private") {
		return errRestricted
	}
	return nil
}

func TestArchiveComesInWholeAndInParts(t *testing.T) {
	f := serve(t, 16<<20)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	to, err := w.Create("d/x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.Write([]byte("content")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	content := out.Bytes()
	want := archive.Extracted{Path: filepath.Join(f.root, "in"), Files: 1, Bytes: 7}
	var done archive.Extracted
	f.answer(f.call("PUT", "/v1/archive?path=in", "archive.write", bytes.NewReader(content), nil), 200, &done)
	if done != want {
		t.Errorf("answer %+v", done)
	}
	var next struct {
		Upload string
		Offset int64
	}
	f.answer(f.call("PUT", "/v1/archive?path=in&upload=u1&offset=0&final=false", "archive.write", bytes.NewReader(content[:10]), nil), 202, &next)
	if next.Offset != 10 || next.Upload != "u1" {
		t.Errorf("answer %+v", next)
	}
	done = archive.Extracted{}
	for range 2 {
		f.answer(f.call("PUT", "/v1/archive?path=in&upload=u1&offset=10&final=true", "archive.write", bytes.NewReader(content[10:]), nil), 200, &done)
		if done != want {
			t.Errorf("answer %+v", done)
		}
	}
	if text, err := os.ReadFile(filepath.Join(f.root, "in/d/x")); string(text) != "content" {
		t.Errorf("%q, %v", text, err)
	}
	f.fails(f.call("PUT", "/v1/archive?path=in&maxBytes=20", "archive.write", bytes.NewReader(content), nil), 413, "RequestEntityTooLarge")
	f.fails(f.call("PUT", "/v1/archive?path=in&maxBytes=20&format=tar", "archive.write", struct{ *bytes.Reader }{bytes.NewReader(make([]byte, 1024))}, nil), 413, "RequestEntityTooLarge")
	f.fails(f.call("PUT", "/v1/archive?path=in&offset=3", "archive.write", bytes.NewReader(content), nil), 400, "BadRequest")
	f.fails(f.call("PUT", "/v1/archive?path=in&upload=a/b", "archive.write", bytes.NewReader(content), nil), 400, "BadRequest")
	f.fails(f.call("PUT", "/v1/archive?path=in&upload=u2&offset=7", "archive.write", bytes.NewReader(content), nil), 404, "NotFound")
}

var errRestricted = fault.Forbidden("restricted")
