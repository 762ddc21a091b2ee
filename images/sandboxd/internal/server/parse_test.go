package server

import (
	"net/url"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/process"
)

func FuzzPathAndQuery(f *testing.F) {
	f.Add("/v1/processes/exec-1/log", "stream=stdout&offset=7&follow=true")
	f.Add("/v1/processes//attach", "offset=-1&offset=2")
	f.Add("/v1/processes/a/b/log", "mode=0644&mtime=2026-01-31T23:59:59.5Z")
	f.Add("/v1/files", "path=%2e%2e&mode=01000&mtime=x&limit=99999999999999999999")
	f.Add("/v1/terminals", "cols=1&rows=9223372036854775807&retentionSeconds=9223372036854775807&altScreen=keep")
	f.Fuzz(func(t *testing.T, path, raw string) {
		pattern, id := match(path)
		if strings.Contains(id, "/") || id != "" && endpoints[pattern] == nil {
			t.Errorf("%q is %q with id %q", path, pattern, id)
		}
		query, err := parseQuery(raw)
		if err != nil {
			return
		}
		c := &call{query: query}
		for name, values := range query {
			if len(values) != 1 {
				t.Errorf("%q has %q %d times", raw, name, len(values))
			}
			if n, err := number(c, name, 0); err == nil && n < 0 {
				t.Errorf("%q gives %q as %d", raw, name, n)
			}
			if yes, err := flag(c, name); err == nil && yes != (values[0] == "true") {
				t.Errorf("%q gives %q as %t", raw, name, yes)
			}
		}
		if bits, err := mode(c); err == nil && bits != nil && *bits > 0o777 {
			t.Errorf("%q gives mode %o", raw, *bits)
		}
		_, _ = modified(c)
		wanted, err := (&Server{Shell: "/bin/sh"}).terminalOf(c)
		if err != nil {
			return
		}
		if request, err := wanted.Request(); err == nil && (request.Cols > 1000 || request.Rows > 1000 || wanted.Retention <= 0) {
			t.Errorf("%q gives a terminal %+v", raw, wanted)
		}
	})
}

func FuzzHeaderTextIsSafeAndKeepsTheName(f *testing.F) {
	for _, text := range []string{"alice", "system:serviceaccount:a:b", "a b", "100%", "zoë\r\nX: y", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		safe := headerText(text)
		if strings.ContainsFunc(safe, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%q became %q", text, safe)
		}
		if back, err := url.PathUnescape(safe); err != nil || back != text {
			t.Errorf("%q became %q and %q again, %v", text, safe, back, err)
		}
	})
}

func FuzzResize(f *testing.F) {
	f.Add([]byte(`{"cols":80,"rows":24}`))
	f.Add([]byte(`{"cols":0,"rows":1001}`))
	f.Add([]byte(`{"cols":1,"rows":1}{`))
	f.Fuzz(func(t *testing.T, text []byte) {
		size, err := readSize(text)
		if err == nil && size.Check() == nil && (size.Cols < 1 || size.Cols > 1000 || size.Rows < 1 || size.Rows > 1000) {
			t.Errorf("%q gives %+v", text, size)
		}
		if err != nil && size != (process.Size{}) {
			t.Errorf("%q is refused and gives %+v", text, size)
		}
	})
}
