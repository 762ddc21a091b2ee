// Package files reads and writes below one folder. The folder's content belongs to untrusted code that changes it while we look:
// every access goes through os.Root, which no link leads out of, and nothing is opened that could block or act on being opened.
package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"agenttier.io/images/sandboxd/internal/fault"
	"golang.org/x/sys/unix"
)

// Tree is the folder that the files calls are confined to.
type Tree struct {
	path   string
	limits Limits
}

// NewTree confines to root, which need not exist yet.
func NewTree(root string) *Tree { return &Tree{path: root} }

// open returns the root and path relative to it.
func (t *Tree) open(path string) (*os.Root, string, error) {
	name, err := t.Name(path)
	if err != nil {
		return nil, "", err
	}
	root, err := os.OpenRoot(t.path)
	if err != nil {
		return nil, "", t.explain(".", err)
	}
	return root, name, nil
}

// Name is path relative to the root, if it is open to calls.
func (t *Tree) Name(path string) (string, error) {
	name, err := relative(t.path, path)
	if err != nil || t.limits.Path == nil {
		return name, err
	}
	return name, t.limits.Path(t.shown(name))
}

// whole says why name with all that is in it is not open to calls.
func (t *Tree) whole(name string) error {
	if t.limits.Whole == nil {
		return nil
	}
	return t.limits.Whole(t.shown(name))
}

// Shown is how answers name a path: absolute.
func (t *Tree) shown(name string) string {
	if name == "." {
		return t.path
	}
	return strings.TrimSuffix(t.path, "/") + "/" + name
}

// explain turns an error of the file system into an answer.
func (t *Tree) explain(name string, err error) error {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	shown := t.shown(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.NotFound("%.300q does not exist", shown)
	case errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.EEXIST), ends(err, "not a directory"):
		return fault.BadRequest("%.300q: a part of the path that should be a folder is a file", shown)
	case errors.Is(err, unix.EISDIR):
		return fault.BadRequest("%.300q is a folder", shown)
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return fault.InsufficientStorage("%.300q: no space is left on the volume: remove files or enlarge it", shown)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, unix.EROFS):
		return fault.Forbidden("%.300q: %s", shown, cause(err))
	case errors.Is(err, unix.ENAMETOOLONG), errors.Is(err, unix.EINVAL):
		return fault.BadRequest("%.300q: %s", shown, cause(err))
	case errors.Is(err, unix.ELOOP):
		return fault.BadRequest("%.300q: too many symbolic links", shown)
	case ends(err, "path escapes from parent"):
		return fault.BadRequest("%.300q: a symbolic link leads out of %s, or is absolute; links are followed inside only, when relative", shown, t.path)
	}
	return fmt.Errorf("%s: %w", shown, err)
}

// ends recognises two errors of os.Root that have no value of their own and may lie wrapped.
func ends(err error, text string) bool { return strings.HasSuffix(err.Error(), text) }

func cause(err error) string {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno.Error()
	}
	return err.Error()
}

// regular refuses what is no regular file: reading a FIFO would block, opening a device may act.
func (t *Tree) regular(name string, info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return fault.BadRequest("%.300q is a folder", t.shown(name))
	case !info.Mode().IsRegular():
		return fault.BadRequest("%.300q is %s: only regular files and folders can be read or written", t.shown(name), Kind(info.Mode()))
	}
	return nil
}

// Kind says in words what is neither a regular file nor a folder.
func Kind(mode fs.FileMode) string {
	switch mode.Type() {
	case fs.ModeNamedPipe:
		return "a FIFO"
	case fs.ModeSocket:
		return "a socket"
	case fs.ModeSymlink:
		return "a symbolic link"
	}
	return "a device"
}

// etag changes when the file is replaced or written.
func etag(info fs.FileInfo) string {
	var inode uint64
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		inode = stat.Ino
	}
	return fmt.Sprintf(`"%x-%x-%x"`, inode, info.Size(), info.ModTime().UnixNano())
}

func modeText(info fs.FileInfo) string { return fmt.Sprintf("%04o", info.Mode().Perm()) }
