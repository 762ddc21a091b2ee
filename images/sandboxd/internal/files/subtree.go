package files

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// Subtree is one folder of a tree with all that is in it. Names are relative to it, with slashes, "." is the folder itself.
type Subtree struct {
	// Root confines to the folder. Close it.
	Root *os.Root

	tree *Tree
	name string
}

// Subtree opens the folder at path, 404 when it is missing. With create it is made, and its parents.
func (t *Tree) Subtree(path string, create bool) (*Subtree, error) {
	root, name, err := t.open(path)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if create {
		if err := root.MkdirAll(name, folderMode); err != nil {
			return nil, t.explain(name, err)
		}
	}
	folder, err := root.OpenRoot(name)
	if err != nil {
		return nil, t.explain(name, err)
	}
	return &Subtree{Root: folder, tree: t, name: name}, nil
}

// All opens the root for what sandboxd itself does there, whatever the limits of calls.
func (t *Tree) All() (*Subtree, error) {
	root, err := os.OpenRoot(t.path)
	if err != nil {
		return nil, t.explain(".", err)
	}
	return &Subtree{Root: root, tree: t, name: "."}, nil
}

// Shown is how answers name the folder: absolute.
func (s *Subtree) Shown() string { return s.tree.shown(s.name) }

// Base is the last segment of the folder's path, that of the root for the root.
func (s *Subtree) Base() string { return path.Base(s.Shown()) }

// Allowed says why name is not open to calls; nil if it is.
func (s *Subtree) Allowed(name string) error {
	if s.tree.limits.Path == nil {
		return nil
	}
	return s.tree.limits.Path(s.tree.shown(path.Join(s.name, name)))
}

// Explain turns an error of the file system about name into an answer.
func (s *Subtree) Explain(name string, err error) error {
	return s.tree.explain(path.Join(s.name, name), err)
}

// Within passes on the content of one file as long as it is no larger than may be.
func (s *Subtree) Within(content io.Reader) io.Reader { return s.tree.within(content, 0) }

// Staging makes a file that no path leads to, on the volume of the tree, for what is to be read from there once it is whole.
func (t *Tree) Staging() (*os.File, error) {
	root, err := os.OpenRoot(t.path)
	if err != nil {
		return nil, t.explain(".", err)
	}
	defer root.Close()
	file, err := unnamed(root)
	if err != nil {
		return nil, t.explain(".", err)
	}
	return file, nil
}

// Explain turns an error of writing to a file of Staging into an answer.
func (t *Tree) Explain(err error) error { return t.explain(".", err) }

// unnamed asks the file system for a file without a name; where it has none of those, the name is removed at once.
func unnamed(root *os.Root) (*os.File, error) {
	folder, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	fd, err := unix.Openat(int(folder.Fd()), ".", unix.O_TMPFILE|unix.O_RDWR|unix.O_EXCL|unix.O_CLOEXEC, 0o600)
	if err == nil {
		return os.NewFile(uintptr(fd), "(unnamed)"), nil
	}
	if !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EISDIR) && !errors.Is(err, unix.EINVAL) {
		return nil, err
	}
	name := TemporaryName()
	file, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := root.Remove(name); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// TemporaryName is one that nothing else has, for what is put in place under another when it is whole.
func TemporaryName() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	return temporaryPrefix + hex.EncodeToString(random[:])
}
