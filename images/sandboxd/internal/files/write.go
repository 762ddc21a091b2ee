package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"golang.org/x/sys/unix"
)

const (
	defaultMode = 0o644
	folderMode  = 0o755
	// temporaryPrefix begins the names of files that are being written.
	temporaryPrefix = ".agenttier-"
)

// Condition of a write: If-Match and If-None-Match.
type Condition struct {
	// Match, when set, must be the ETag of the present file, or "*" for any.
	Match string
	// Absent: there must be no file.
	Absent bool
}

// Write is what a PUT asks for.
type Write struct {
	// Mode nil: that of the file replaced, else 0644.
	Mode *fs.FileMode
	// Modified nil: the time of writing.
	Modified *time.Time
	// MaxBytes of the file afterwards; 0 is no limit of ours.
	MaxBytes int64
	// Temporary is the name that a file has beside its own until it is whole; empty for one that nothing else has.
	Temporary string
	Condition
}

// Written is the answer.
type Written struct {
	Path string `json:"path"`
	// Bytes is the size of the file now.
	Bytes   int64 `json:"bytes"`
	Created bool  `json:"-"`
}

// Replace writes body to a temporary file beside path and puts it in place at once: a reader sees the old or the new file. A link at
// path itself is replaced, not followed. Nothing is left behind when it fails.
func (t *Tree) Replace(path string, body io.Reader, how Write) (Written, error) {
	root, name, err := t.open(path)
	if err != nil {
		return Written{}, err
	}
	defer root.Close()
	folder, base, err := t.folderOf(root, name)
	if err != nil {
		return Written{}, err
	}
	defer folder.Close()
	old, err := t.present(folder, name, base, how.Condition)
	if err != nil {
		return Written{}, err
	}
	mode := fs.FileMode(defaultMode)
	if old != nil && old.Mode().IsRegular() {
		mode = old.Mode().Perm()
	}
	if how.Mode != nil {
		mode = *how.Mode
	}
	temporary, size, err := writeTemporary(folder, t.within(body, 0), mode, how)
	if err != nil {
		return Written{}, t.explain(name, err)
	}
	if old, err = t.present(folder, name, base, how.Condition); err == nil {
		err = folder.Rename(temporary, base)
	}
	if err != nil {
		return Written{}, t.explain(name, errors.Join(err, folder.Remove(temporary)))
	}
	return Written{Path: t.shown(name), Bytes: size, Created: old == nil}, nil
}

// folderOf opens the folder of name, making it and its parents when they are missing.
func (t *Tree) folderOf(root *os.Root, name string) (*os.Root, string, error) {
	if name == "." {
		return nil, "", fault.BadRequest("path %s is the folder itself: name a file in it", t.path)
	}
	dir, base := parent(name)
	if err := root.MkdirAll(dir, folderMode); err != nil {
		return nil, "", t.explain(dir, err)
	}
	folder, err := root.OpenRoot(dir)
	if err != nil {
		return nil, "", t.explain(dir, err)
	}
	return folder, base, nil
}

// present checks the condition against what is there, and returns that; nil for nothing.
func (t *Tree) present(folder *os.Root, name, base string, condition Condition) (fs.FileInfo, error) {
	info, err := folder.Lstat(base)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, t.explain(name, err)
		}
		if condition.Match != "" {
			return nil, fault.PreconditionFailed("%.300q does not exist, If-Match asks for %.100s", t.shown(name), condition.Match)
		}
		return nil, nil
	}
	if info.Mode().Type() != fs.ModeSymlink {
		if err := t.regular(name, info); err != nil {
			return nil, err
		}
	}
	switch now := etag(info); {
	case condition.Absent:
		return nil, fault.PreconditionFailed("%.300q exists, If-None-Match: * asks that it does not", t.shown(name))
	case condition.Match != "" && condition.Match != "*" && condition.Match != now:
		return nil, fault.PreconditionFailed("%.300q has ETag %s, If-Match asks for %.100s: read it again", t.shown(name), now, condition.Match)
	}
	return info, nil
}

func writeTemporary(folder *os.Root, body io.Reader, mode fs.FileMode, how Write) (name string, size int64, err error) {
	name = how.Temporary
	if name == "" {
		name = TemporaryName()
	}
	file, err := folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", 0, err
	}
	size, err = copyBounded(file, body, 0, how.MaxBytes)
	if err == nil {
		err = file.Chmod(mode) // exactly, whatever the umask
	}
	if err == nil {
		err = SetModified(file, how.Modified)
	}
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err != nil {
		return "", 0, errors.Join(err, folder.Remove(name))
	}
	return name, size, nil
}

// Append writes body at offset, which must be the present size; a file that is missing has size 0 and is made. When the body breaks
// off, the file gets its former size back.
func (t *Tree) Append(path string, offset int64, body io.Reader, how Write) (Written, error) {
	root, name, err := t.open(path)
	if err != nil {
		return Written{}, err
	}
	defer root.Close()
	folder, base, err := t.folderOf(root, name)
	if err != nil {
		return Written{}, err
	}
	defer folder.Close()
	old, err := t.present(folder, name, base, how.Condition)
	if err != nil {
		return Written{}, err
	}
	if old == nil && offset != 0 {
		return Written{}, t.wrongOffset(name, offset, 0)
	}
	if old != nil && old.Mode().Type() == fs.ModeSymlink {
		return Written{}, fault.BadRequest("%.300q is a symbolic link: append to the file it leads to", t.shown(name))
	}
	mode := fs.FileMode(defaultMode)
	if how.Mode != nil {
		mode = *how.Mode
	}
	file, err := folder.OpenFile(base, os.O_WRONLY|os.O_CREATE|unix.O_NONBLOCK|unix.O_NOCTTY, mode)
	if err != nil {
		return Written{}, t.explain(name, err)
	}
	size, err := t.appendTo(file, name, offset, body, how)
	if err = errors.Join(err, file.Close()); err != nil {
		if old == nil && size == 0 {
			err = errors.Join(err, folder.Remove(base))
		}
		return Written{}, t.explain(name, err)
	}
	return Written{Path: t.shown(name), Bytes: size, Created: old == nil}, nil
}

// appendTo returns the size of the file as it leaves it, also with an error.
func (t *Tree) appendTo(file *os.File, name string, offset int64, body io.Reader, how Write) (int64, error) {
	// One append at a time: of two with the same offset the second must meet the new size. Code in the sandbox can hold the lock too.
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return -1, fault.Conflict("%.300q is locked by another writer: try again", t.shown(name))
	}
	info, err := file.Stat()
	if err != nil {
		return -1, err
	}
	if err := t.regular(name, info); err != nil {
		return -1, err
	}
	if info.Size() != offset {
		return info.Size(), t.wrongOffset(name, offset, info.Size())
	}
	if how.Mode != nil {
		if err := file.Chmod(*how.Mode); err != nil {
			return offset, err
		}
	}
	written, err := copyBounded(file, t.within(body, offset), offset, how.MaxBytes)
	if err == nil {
		err = SetModified(file, how.Modified)
	}
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		return offset, errors.Join(err, file.Truncate(offset))
	}
	return offset + written, nil
}

func (t *Tree) wrongOffset(name string, asked, size int64) error {
	return fault.Conflict("%.300q has %d bytes, offset is %d: go on at %d", t.shown(name), size, asked, size).With("AgentTier-Size", strconv.FormatInt(size, 10))
}

// copyBounded copies body to a file that has before bytes, zeros as holes, and refuses what would make it larger than limit (0: no limit).
func copyBounded(to *os.File, body io.Reader, before, limit int64) (int64, error) {
	if limit > 0 {
		body = io.LimitReader(body, max(0, limit-before)+1)
	}
	n, err := CopySparse(to, body, before, make([]byte, SparseBlock))
	if err != nil {
		return n, fmt.Errorf("after %d bytes: %w", n, err)
	}
	if limit > 0 && before+n > limit {
		return n, fault.TooLarge("the file would have more than %d bytes, the most that is allowed", limit)
	}
	return n, nil
}
