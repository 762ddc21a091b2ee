package server

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/files"
)

func TestFileGoesUpAndComesBack(t *testing.T) {
	f := serve(t, 1<<20)
	var written files.Written
	f.answer(f.call("PUT", "/v1/files?path=a/b.txt&mode=0600", "files.write", strings.NewReader("hello world"), nil), 201, &written)
	if written.Bytes != 11 || written.Path != filepath.Join(f.root, "a/b.txt") {
		t.Errorf("%+v", written)
	}
	f.answer(f.call("PUT", "/v1/files?path=a/b.txt&offset=11", "files.write", strings.NewReader("!"), nil), 200, &written)
	response := f.call("GET", "/v1/files?path=/"+strings.TrimPrefix(f.root, "/")+"/a/b.txt", "files.read", nil, nil)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || string(text) != "hello world!" || response.ContentLength != 12 {
		t.Errorf("%q, %d, %v", text, response.ContentLength, err)
	}
	for name, want := range map[string]string{"Content-Type": "application/octet-stream", "AgentTier-File-Mode": "0600"} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s %q, expected %q", name, got, want)
		}
	}
	etag := response.Header.Get("ETag")
	if etag == "" || response.Header.Get("Last-Modified") == "" {
		t.Errorf("header %v", response.Header)
	}
	f.answer(f.call("GET", "/v1/files?path=a/b.txt", "files.read", nil, http.Header{"If-None-Match": {etag}}), 304, nil)
	f.fails(f.call("GET", "/v1/files?path=a/b.txt", "files.read", nil, http.Header{"If-Match": {`"other"`}}), 412, "PreconditionFailed")
	f.fails(f.call("PUT", "/v1/files?path=a/b.txt", "files.write", strings.NewReader("x"), http.Header{"If-Match": {`"other"`}}), 412, "PreconditionFailed")
	f.fails(f.call("PUT", "/v1/files?path=a/b.txt", "files.write", strings.NewReader("x"), http.Header{"If-None-Match": {"*"}}), 412, "PreconditionFailed")
	f.fails(f.call("PUT", "/v1/files?path=a/b.txt", "files.write", strings.NewReader("x"), http.Header{"If-None-Match": {etag}}), 400, "BadRequest")
	f.answer(f.call("PUT", "/v1/files?path=a/b.txt", "files.write", strings.NewReader("x"), http.Header{"If-Match": {etag}}), 200, nil)
}

func TestRangesOfAFile(t *testing.T) {
	f := serve(t, 1<<20)
	if err := os.WriteFile(filepath.Join(f.root, "a"), []byte("0123456789"), 0o644); err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{"bytes=0-0": "0", "bytes=3-5": "345", "bytes=8-": "89", "bytes=-2": "89", "bytes=5-99": "56789"} {
		response := f.call("GET", "/v1/files?path=a", "files.read", nil, http.Header{"Range": {header}})
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != 206 || string(text) != want {
			t.Errorf("%s: %d %q, expected %q", header, response.StatusCode, text, want)
		}
	}
	response := f.call("GET", "/v1/files?path=a", "files.read", nil, http.Header{"Range": {"bytes=10-"}})
	if got := response.Header.Get("Content-Range"); got != "bytes */10" {
		t.Errorf("Content-Range %q", got)
	}
	if message := f.fails(response, 416, "BadRequest"); !strings.Contains(message, "10 bytes") {
		t.Errorf("message %q", message)
	}
}

func TestFoldersAreListed(t *testing.T) {
	f := serve(t, 1<<20)
	for _, name := range []string{"b", "a", "c"} {
		f.answer(f.call("PUT", "/v1/files?path="+name, "files.write", strings.NewReader(name), nil), 201, nil)
	}
	var page files.Listing
	f.answer(f.call("GET", "/v1/files?limit=2", "files.read", nil, nil), 200, &page)
	if page.Path != f.root || len(page.Entries) != 2 || page.Entries[0].Name != "a" || page.Entries[0].Mode != "0644" || page.Entries[0].Size != 1 {
		t.Errorf("%+v", page)
	}
	from := page.Continue
	page = files.Listing{}
	f.answer(f.call("GET", "/v1/files?limit=2&continue="+from, "files.read", nil, nil), 200, &page)
	if len(page.Entries) != 1 || page.Entries[0].Name != "c" || page.Continue != "" {
		t.Errorf("%+v", page)
	}
	var entry files.Entry
	f.answer(f.call("GET", "/v1/files?path=&stat=true", "files.read", nil, nil), 200, &entry)
	if !entry.IsDir {
		t.Errorf("%+v", entry)
	}
	f.fails(f.call("GET", "/v1/files?path=a&list=true", "files.read", nil, nil), 400, "BadRequest")
	f.fails(f.call("GET", "/v1/files?limit=5001", "files.read", nil, nil), 400, "BadRequest")
	f.fails(f.call("GET", "/v1/files?path=none", "files.read", nil, nil), 404, "NotFound")
	f.fails(f.call("GET", "/v1/files?path=/etc/passwd", "files.read", nil, nil), 400, "BadRequest")
}

func TestUploadsOverTheLimitLeaveNothing(t *testing.T) {
	f := serve(t, 1<<20)
	f.fails(f.call("PUT", "/v1/files?path=a&maxBytes=4", "files.write", strings.NewReader("12345"), nil), 413, "RequestEntityTooLarge")
	f.fails(f.call("PUT", "/v1/files?path=a&maxBytes=4", "files.write", struct{ io.Reader }{strings.NewReader("12345")}, nil), 413, "RequestEntityTooLarge")
	f.answer(f.call("PUT", "/v1/files?path=a&maxBytes=4", "files.write", strings.NewReader("1234"), nil), 201, nil)
	response := f.call("PUT", "/v1/files?path=a&offset=2", "files.write", strings.NewReader("x"), nil)
	if got := response.Header.Get("AgentTier-Size"); got != "4" {
		t.Errorf("AgentTier-Size %q", got)
	}
	f.fails(response, 409, "Conflict")
	for _, query := range []string{"mode=8", "mode=1777", "mode=rw", "offset=-1", "offset=x", "maxBytes=-1"} {
		f.fails(f.call("PUT", "/v1/files?path=b&"+query, "files.write", strings.NewReader("x"), nil), 400, "BadRequest")
	}
	entries, err := os.ReadDir(f.root)
	if err != nil || len(entries) != 1 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

func TestFoldersAreMadeMovedAndRemoved(t *testing.T) {
	f := serve(t, 1<<20)
	var place files.Place
	f.answer(f.call("POST", "/v1/files?op=mkdir&path=a/b&mode=0700&mtime=2001-02-03T04:05:06.5%2B02:00", "files.write", nil, nil), 200, &place)
	if place.Path != filepath.Join(f.root, "a/b") {
		t.Errorf("%+v", place)
	}
	var entry files.Entry
	f.answer(f.call("GET", "/v1/files?path=a/b&stat=true", "files.read", nil, nil), 200, &entry)
	if !entry.IsDir || entry.Mode != "0700" || entry.ModifiedAt != "2001-02-03T02:05:06.5Z" {
		t.Errorf("%+v", entry)
	}
	f.answer(f.call("PUT", "/v1/files?path=a/b/c&mtime=2001-02-03T04:05:06Z", "files.write", strings.NewReader("x"), nil), 201, nil)
	f.answer(f.call("POST", "/v1/files?op=move&path=a/b/c&to=d", "files.write", nil, nil), 200, &place)
	f.answer(f.call("GET", "/v1/files?path=d&stat=true", "files.read", nil, nil), 200, &entry)
	if place.Path != filepath.Join(f.root, "d") || entry.ModifiedAt != "2001-02-03T04:05:06Z" {
		t.Errorf("%+v %+v", place, entry)
	}
	f.fails(f.call("POST", "/v1/files?op=move&path=d&to=a", "files.write", nil, nil), 409, "Conflict")
	f.fails(f.call("DELETE", "/v1/files?path=a", "files.write", nil, nil), 409, "Conflict")
	for _, query := range []string{"", "op=chmod&path=a", "op=mkdir&path=a&mode=1777", "op=mkdir&path=x&mtime=yesterday", "op=mkdir&path=../x", "op=move&path=d&to=../x", "op=move&path=d&to=e&overwrite=yes"} {
		f.fails(f.call("POST", "/v1/files?"+query, "files.write", nil, nil), 400, "BadRequest")
	}
	f.fails(f.call("POST", "/v1/files?op=mkdir&path=x", "files.read", nil, nil), 403, "Forbidden")
	f.fails(f.call("DELETE", "/v1/files?path=a&recursive=true", "files.read", nil, nil), 403, "Forbidden")
	f.answer(f.call("DELETE", "/v1/files?path=a&recursive=true", "files.write", nil, nil), 204, nil)
	f.fails(f.call("GET", "/v1/files?path=a&stat=true", "files.read", nil, nil), 404, "NotFound")
}

func TestAnyNameGoesThroughEveryCall(t *testing.T) {
	f := serve(t, 1<<20)
	names := []string{"böse näme", "new\nline", "tab\tand\rreturn", "日本語", "🦆", "e\u0301", "per%41cent+plus&amp=;#?", "quote\"'`$(x)", "back\\slash", " ", "-rf", "\xff\xfe", strings.Repeat("n", 255)}
	for _, name := range names {
		path := "/v1/files?path=" + url.QueryEscape(name)
		f.answer(f.call("PUT", path, "files.write", strings.NewReader(name), nil), 201, nil)
		var entry files.Entry
		f.answer(f.call("GET", path+"&stat=true", "files.read", nil, nil), 200, &entry)
		if bytes, _ := base64.StdEncoding.DecodeString(entry.NameBase64); entry.Name != name && string(bytes) != name {
			t.Errorf("%q is shown as %+v", name, entry)
		}
		response := f.call("GET", path, "files.read", nil, nil)
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if string(text) != name {
			t.Errorf("%q holds %q", name, text)
		}
	}
	var page files.Listing
	f.answer(f.call("GET", "/v1/files?list=true", "files.read", nil, nil), 200, &page)
	if len(page.Entries) != len(names) {
		t.Errorf("%d entries, expected %d", len(page.Entries), len(names))
	}
	for _, name := range names {
		f.answer(f.call("DELETE", "/v1/files?path="+url.QueryEscape(name), "files.write", nil, nil), 204, nil)
	}
}
