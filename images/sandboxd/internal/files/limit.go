package files

import (
	"io"

	"agenttier.io/images/sandboxd/internal/fault"
)

// Limits of a tree beyond those of single calls.
type Limits struct {
	// Path says why an absolute path is not open to calls; nil allows all.
	Path func(string) error
	// Whole says so of a folder with all that is in it.
	Whole func(string) error
	// MaxBytes of a file that is written; nil is no limit.
	MaxBytes *int64
}

// Limit holds all calls to limits. To be called before any.
func (t *Tree) Limit(limits Limits) { t.limits = limits }

// within passes on body as long as the file, with offset bytes before it, has no more than may be.
func (t *Tree) within(body io.Reader, offset int64) io.Reader {
	if t.limits.MaxBytes == nil {
		return body
	}
	return &limited{body: body, left: *t.limits.MaxBytes - offset, most: *t.limits.MaxBytes}
}

type limited struct {
	body       io.Reader
	left, most int64
}

func (l *limited) Read(bytes []byte) (int, error) {
	n, err := l.body.Read(bytes)
	if l.left -= int64(n); l.left < 0 {
		return 0, fault.Forbidden("the file would have more than the %d bytes of harness.constraints.maxFileSize", l.most)
	}
	return n, err
}
