package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"agenttier.io/images/sandboxd/internal/files"
	"golang.org/x/sys/unix"
)

// maxDepth of folders; each level holds two open files while it is read.
const maxDepth = 512

// sink is a format being written. A file's content has exactly the size of its info.
type sink interface {
	folder(name string, info fs.FileInfo) error
	link(name, target string, info fs.FileInfo) error
	file(name string, info fs.FileInfo, content io.Reader) error
	// end completes the archive, which names what is left out of it.
	end(leftOut string) error
}

// Write archives the folder. Links are stored as such. What cannot be read, or is neither file, folder nor link, is left out; its name
// stands at the end of the archive and on notes, and keeps nothing else from being archived. An error means that the archive is cut.
func Write(ctx context.Context, folder *files.Subtree, format Format, to, notes io.Writer) error {
	out := newSink(format, to)
	w := &writing{ctx: ctx, folder: folder, out: out, buffer: make([]byte, 64<<10)}
	if err := w.contents(folder.Root, "", 0); err != nil {
		return err
	}
	text := w.left.String()
	if err := out.end(text); err != nil {
		return err
	}
	_, err := io.WriteString(notes, text)
	return err
}

func newSink(format Format, to io.Writer) sink {
	if format == TarGz {
		return newTarSink(to)
	}
	return newZipSink(to)
}

type writing struct {
	ctx    context.Context
	folder *files.Subtree
	out    sink
	left   leftOut
	buffer []byte
}

// contents archives what is in at, whose own name is prefix without its last slash. Errors are those of the sink only.
func (w *writing) contents(at *os.Root, prefix string, depth int) error {
	dir, err := at.Open(".")
	if err != nil {
		w.left.note(prefix, reason(err))
		return nil
	}
	defer dir.Close()
	for {
		names, err := dir.Readdirnames(256)
		for _, name := range names {
			if err := w.entry(at, name, prefix+name, depth); err != nil {
				return err
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				w.left.note(prefix, reason(err))
			}
			return nil
		}
	}
}

func (w *writing) entry(at *os.Root, base, name string, depth int) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if len(name) > math.MaxUint16 {
		w.left.note(name, fmt.Sprintf("its path has more than %d bytes", math.MaxUint16))
		return nil
	}
	if err := w.folder.Allowed(name); err != nil {
		w.left.note(name, err.Error())
		return nil
	}
	info, err := at.Lstat(base)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed meanwhile
	}
	if err != nil {
		w.left.note(name, reason(err))
		return nil
	}
	switch info.Mode().Type() {
	case fs.ModeDir:
		return w.subfolder(at, base, name, info, depth)
	case fs.ModeSymlink:
		target, err := at.Readlink(base)
		if err != nil {
			w.left.note(name, reason(err))
			return nil
		}
		return w.out.link(name, target, info)
	case 0:
		return w.file(at, base, name, info)
	}
	w.left.note(name, files.Kind(info.Mode()))
	return nil
}

func (w *writing) subfolder(at *os.Root, base, name string, info fs.FileInfo, depth int) error {
	if err := w.out.folder(name, info); err != nil {
		return err
	}
	if depth == maxDepth {
		w.left.note(name, fmt.Sprintf("its content lies more than %d folders deep", maxDepth))
		return nil
	}
	sub, err := at.OpenRoot(base)
	if err == nil {
		defer sub.Close()
		err = same(info, func() (fs.FileInfo, error) { return sub.Stat(".") })
	}
	if err != nil {
		w.left.note(name, reason(err))
		return nil
	}
	return w.contents(sub, name+"/", depth+1)
}

// file archives a regular file with the size that it has when it is opened: what is added meanwhile is not in it, and what is missing
// meanwhile is zeros.
func (w *writing) file(at *os.Root, base, name string, info fs.FileInfo) error {
	file, err := at.OpenFile(base, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_NOFOLLOW, 0)
	if err == nil {
		defer file.Close()
		err = same(info, func() (now fs.FileInfo, err error) {
			now, err = file.Stat()
			if err == nil {
				info = now
			}
			return now, err
		})
	}
	if err != nil {
		w.left.note(name, reason(err))
		return nil
	}
	content := &steady{ctx: w.ctx, from: file, left: info.Size()}
	if err := w.out.file(name, info, content); err != nil {
		return err
	}
	if content.failed != nil {
		w.left.note(name, fmt.Sprintf("its last %d bytes could not be read and are zeros: %s", content.zeros, reason(content.failed)))
	}
	return nil
}

var errReplaced = errors.New("was replaced while it was read")

// same says why what was opened is not what was looked at: a link may have taken its place.
func same(looked fs.FileInfo, opened func() (fs.FileInfo, error)) error {
	now, err := opened()
	if err == nil && !os.SameFile(looked, now) {
		err = errReplaced
	}
	return err
}

// reason is an error without the paths in it.
func reason(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err.Error()
	}
	return err.Error()
}

// steady gives exactly left bytes of a file, whatever becomes of it.
type steady struct {
	ctx    context.Context
	from   io.Reader
	left   int64
	zeros  int64
	failed error
}

func (s *steady) Read(bytes []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	if s.left == 0 {
		return 0, io.EOF
	}
	bytes = bytes[:min(int64(len(bytes)), s.left)]
	n := 0
	if s.failed == nil {
		n, s.failed = s.from.Read(bytes)
	}
	if n == 0 && s.failed != nil {
		n = len(bytes)
		clear(bytes)
		s.zeros += int64(n)
	}
	s.left -= int64(n)
	return n, nil
}
