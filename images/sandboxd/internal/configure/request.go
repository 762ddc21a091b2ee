// Package configure puts an agent's files in place and runs its install, all or nothing: when either fails, or the pod ends before both
// have succeeded, every file is put back as it was. One runs at a time.
package configure

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path"
	"regexp"
	"strings"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/files"
	"agenttier.io/images/sandboxd/internal/process"
)

// Limits of one request.
const (
	maxLine      = 1 << 20
	maxFiles     = 200
	maxFileBytes = 32 << 20
	maxBytes     = 128 << 20
)

// Request is the first line of the body; the bytes of the files follow it.
type Request struct {
	// Digest tells whether two requests ask for the same thing.
	Digest string `json:"digest"`
	// Argv is the install; empty when there are only files.
	Argv      []string `json:"argv"`
	Cwd       string   `json:"cwd"`
	TimeoutMs int64    `json:"timeoutMs"`
	Files     []File   `json:"files"`
}

// File is one of those that follow.
type File struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
}

var digest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Read takes the first line of a body of length bytes, -1 when that is not known, and checks what can be said of it alone.
func Read(body *bufio.Reader, length int64) (*Request, error) {
	line, err := readLine(body)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields() // a field that is ignored would be a promise that is not kept
	var request Request
	if err := decoder.Decode(&request); err != nil {
		return nil, fault.BadRequest("the first line of the body is not a configure request: %v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.BadRequest("the first line of the body has more than one JSON value")
	}
	if err := request.check(); err != nil {
		return nil, err
	}
	if want := int64(len(line)) + request.total(); length >= 0 && length != want {
		return nil, fault.BadRequest("the body has %d bytes: its first line and the files it names have %d", length, want)
	}
	return &request, nil
}

// readLine reads up to the end of line, which is part of what it returns.
func readLine(body *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		piece, err := body.ReadSlice('\n')
		if len(line)+len(piece) > maxLine {
			return nil, fault.TooLarge("the first line of the body has more than %d bytes", maxLine)
		}
		line = append(line, piece...)
		switch {
		case err == nil:
			return line, nil
		case errors.Is(err, io.EOF):
			return nil, fault.BadRequest("the body ends after %d bytes without an end of line: expected one line of JSON, then the bytes of the files", len(line))
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

func (r *Request) check() error {
	if !digest.MatchString(r.Digest) {
		return fault.Invalid("digest %.80q: expected 64 of 0-9 a-f", r.Digest)
	}
	if len(r.Files) > maxFiles {
		return fault.TooLarge("files has %d entries: at most %d", len(r.Files), maxFiles)
	}
	for i, file := range r.Files {
		switch {
		case file.Bytes < 0:
			return fault.Invalid("files[%d].bytes %d: expected 0 or more", i, file.Bytes)
		case file.Bytes > maxFileBytes:
			return fault.TooLarge("files[%d] %.300q has %d bytes: at most %d", i, file.Path, file.Bytes, maxFileBytes)
		}
	}
	if total := r.total(); total > maxBytes {
		return fault.TooLarge("the files have %d bytes together: at most %d", total, maxBytes)
	}
	return nil
}

func (r *Request) total() (bytes int64) {
	for _, file := range r.Files {
		bytes += file.Bytes
	}
	return bytes
}

// Install is the start of the install; nil when there is none. It goes on without a viewer.
func (r *Request) Install() *process.Request {
	if len(r.Argv) == 0 {
		return nil
	}
	return &process.Request{Class: "install", Argv: r.Argv, Cwd: r.Cwd, TimeoutMs: r.TimeoutMs, OnDisconnect: "keep"}
}

// Skip reads the bytes of the files and throws them away.
func (r *Request) Skip(body io.Reader) error {
	for i, file := range r.Files {
		if _, err := io.Copy(io.Discard, contentOf(body, i, file)); err != nil {
			return err
		}
	}
	return atEnd(body)
}

// names are the paths of the files relative to the root of tree.
func (r *Request) names(tree *files.Tree) ([]string, error) {
	names := make([]string, len(r.Files))
	for i, file := range r.Files {
		if !path.IsAbs(file.Path) {
			return nil, fault.Invalid("files[%d].path %.300q: expected an absolute path below the workspace", i, file.Path)
		}
		name, err := tree.Name(file.Path)
		switch known, ok := errors.AsType[*fault.Error](err); {
		case ok && known.Status == 400:
			return nil, fault.Invalid("files[%d].path: %s", i, known.Message)
		case err != nil:
			return nil, err
		case name == ".":
			return nil, fault.Invalid("files[%d].path %.300q is the workspace itself: name a file in it", i, file.Path)
		case reserved(name):
			return nil, fault.Invalid("files[%d].path %.300q is where sandboxd keeps what undoes a configure: choose another", i, file.Path)
		}
		names[i] = name
	}
	return names, nil
}

// reserved says whether name is, or is in, the folder that is ours.
func reserved(name string) bool {
	return name == topFolder || name == ownFolder || strings.HasPrefix(name, ownFolder+"/")
}

// content is exactly the bytes of one file.
type content struct {
	body  io.Reader
	left  int64
	index int
	file  File
}

func contentOf(body io.Reader, index int, file File) *content {
	return &content{body: body, left: file.Bytes, index: index, file: file}
}

func (c *content) Read(bytes []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	n, err := c.body.Read(bytes[:min(int64(len(bytes)), c.left)])
	c.left -= int64(n)
	if c.left > 0 && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
		return n, fault.BadRequest("the body ends within files[%d] %.300q: it lacks %d of %d bytes", c.index, c.file.Path, c.left, c.file.Bytes)
	}
	if c.left == 0 {
		err = nil
	}
	return n, err
}

// atEnd refuses what follows the last file.
func atEnd(body io.Reader) error {
	var more [1]byte
	switch _, err := io.ReadFull(body, more[:]); {
	case err == nil:
		return fault.BadRequest("the body goes on after the last file")
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}
