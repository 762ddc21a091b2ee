package files

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
	"golang.org/x/sys/unix"
)

// Folder is what a mkdir asks for.
type Folder struct {
	// Mode nil: as it is, 0755 when it is made.
	Mode *fs.FileMode
	// Modified nil: as it is.
	Modified *time.Time
}

// Place names what a change left behind.
type Place struct {
	Path string `json:"path"`
}

// Mkdir makes the folder at path, and the folders above it. One that exists stays and takes the mode and time asked for; a link is no
// folder, wherever it leads.
func (t *Tree) Mkdir(path string, how Folder) (Place, error) {
	root, name, err := t.open(path)
	if err != nil {
		return Place{}, err
	}
	defer root.Close()
	above, base, err := t.folderOf(root, name)
	if err != nil {
		return Place{}, err
	}
	defer above.Close()
	err = above.Mkdir(base, folderMode)
	made := err == nil
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return Place{}, t.explain(name, err)
	}
	if made && how.Mode == nil {
		mode := fs.FileMode(folderMode) // whatever the umask
		how.Mode = &mode
	}
	if err := t.furnish(above, name, base, how); err != nil {
		return Place{}, t.explain(name, err)
	}
	return Place{t.shown(name)}, nil
}

// furnish gives a folder its mode and time, by its open file: a link that takes its place meanwhile is not followed.
func (t *Tree) furnish(above *os.Root, name, base string, how Folder) error {
	seen, err := above.Lstat(base)
	if err != nil {
		return err
	}
	if !seen.IsDir() {
		return fault.Conflict("%.300q exists and is no folder", t.shown(name))
	}
	if how.Mode == nil && how.Modified == nil {
		return nil
	}
	folder, err := above.OpenFile(base, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer folder.Close()
	opened, err := folder.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(seen, opened) {
		return fault.Conflict("%.300q was replaced meanwhile: try again", t.shown(name))
	}
	if how.Mode != nil {
		if err := folder.Chmod(*how.Mode); err != nil {
			return err
		}
	}
	return SetModified(folder, how.Modified)
}

// Move gives the file, folder or link at path the name to; folders above it are made. Unless overwrite is set nothing may stand there.
// A link is moved itself.
func (t *Tree) Move(path, to string, overwrite bool) (Place, error) {
	root, name, err := t.open(path)
	if err != nil {
		return Place{}, err
	}
	defer root.Close()
	target, err := t.Name(to)
	if err != nil {
		return Place{}, err
	}
	for _, moved := range []string{name, target} {
		if err := t.whole(moved); err != nil {
			return Place{}, err
		}
	}
	if name == "." || target == "." {
		return Place{}, fault.BadRequest("path %s is the folder that all files are in: it is neither moved nor replaced", t.path)
	}
	if _, err := root.Lstat(name); err != nil { // before folders are made for nothing
		return Place{}, t.explain(name, err)
	}
	dir, base := parent(name)
	from, err := root.OpenRoot(dir)
	if err != nil {
		return Place{}, t.explain(dir, err)
	}
	defer from.Close()
	into, newBase, err := t.folderOf(root, target)
	if err != nil {
		return Place{}, err
	}
	defer into.Close()
	if err := rename(from, base, into, newBase, overwrite); err != nil {
		return Place{}, t.explainMove(name, target, err)
	}
	return Place{t.shown(target)}, nil
}

func rename(from *os.Root, base string, into *os.Root, newBase string, overwrite bool) error {
	source, err := from.Open(".")
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := into.Open(".")
	if err != nil {
		return err
	}
	defer target.Close()
	if overwrite {
		return unix.Renameat(int(source.Fd()), base, int(target.Fd()), newBase)
	}
	err = unix.Renameat2(int(source.Fd()), base, int(target.Fd()), newBase, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		// NFS and others cannot refuse by themselves: what appears between this look and the call is replaced
		if _, err := into.Lstat(newBase); err == nil {
			return unix.EEXIST
		}
		return unix.Renameat(int(source.Fd()), base, int(target.Fd()), newBase)
	}
	return err
}

func (t *Tree) explainMove(name, target string, err error) error {
	switch {
	case errors.Is(err, unix.ENOTEMPTY), errors.Is(err, unix.EEXIST):
		return fault.Conflict("%.300q exists: overwrite replaces a file or an empty folder", t.shown(target))
	case errors.Is(err, unix.EISDIR):
		return fault.Conflict("%.300q is a folder, and %.300q is none: it cannot replace it", t.shown(target), t.shown(name))
	case errors.Is(err, unix.ENOTDIR):
		return fault.Conflict("%.300q is no folder: the folder %.300q cannot replace it", t.shown(target), t.shown(name))
	case errors.Is(err, unix.EINVAL):
		return fault.BadRequest("%.300q cannot be moved into itself, to %.300q", t.shown(name), t.shown(target))
	case errors.Is(err, unix.EXDEV):
		return fault.BadRequest("%.300q is on another volume than %.300q: copy it instead", t.shown(name), t.shown(target))
	}
	return t.explain(name, err)
}

// Remove removes what is at path; a link itself. A folder with content goes only when recursive is set. The root stays: recursive
// empties it.
func (t *Tree) Remove(path string, recursive bool) error {
	root, name, err := t.open(path)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := t.whole(name); err != nil {
		return err
	}
	switch {
	case name == "." && !recursive:
		return fault.BadRequest("path %s is the folder that all files are in: it stays, recursive empties it", t.path)
	case name == ".":
		return t.empty(root)
	}
	if _, err := root.Lstat(name); err != nil {
		return t.explain(name, err)
	}
	if recursive {
		err = root.RemoveAll(name)
	} else {
		err = root.Remove(name)
	}
	if errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EEXIST) {
		if recursive {
			return fault.Conflict("%.300q is being written to: some of it is left", t.shown(name))
		}
		return fault.Conflict("%.300q is a folder with content: recursive removes it with all that is in it", t.shown(name))
	}
	if err != nil {
		return t.explain(name, err)
	}
	return nil
}

func (t *Tree) empty(root *os.Root) error {
	folder, err := root.Open(".")
	if err != nil {
		return t.explain(".", err)
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return t.explain(".", err)
	}
	var all error
	for _, name := range names {
		if err := root.RemoveAll(name); err != nil && all == nil {
			all = t.explain(name, err)
		}
	}
	return all
}
