package archive

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
	"unsafe"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/files"
	"golang.org/x/sys/unix"
)

const (
	newFolder = 0o755
	// maxFolders bounds what is remembered of folders until the end, in bytes.
	maxFolders = 32 << 20
)

// placer puts entries into a folder. Each is checked before anything of it is written, and is in place whole or not at all; a link is
// never passed through, not even one that stays inside. That no race with code in the sandbox leads out is the part of os.Root.
type placer struct {
	folder *files.Subtree
	buffer []byte
	// folders get their modes and times at the end: what is put into them would change both.
	folders     []entry
	folderBytes int
	// near is the folder of the entry before, which is likely that of the next.
	near     *os.Root
	nearName string
	files    int64
	bytes    int64
}

func newPlacer(folder *files.Subtree) *placer {
	return &placer{folder: folder, buffer: make([]byte, files.SparseBlock)}
}

// close lets go of the folder that is open.
func (p *placer) close() {
	if p.near != nil {
		p.near.Close()
		p.near = nil
	}
}

// parent opens the folder of name, makes what is missing on the way, and refuses what is no folder. It is valid until the next call.
func (p *placer) parent(name string) (folder *os.Root, base string, err error) {
	if err := p.folder.Allowed(name); err != nil {
		return nil, "", err
	}
	dir, base := "", name
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		dir, base = name[:i], name[i+1:]
	}
	if p.near != nil && p.nearName == dir {
		return p.near, base, nil
	}
	p.close()
	at, err := p.folder.Root.OpenRoot(".")
	if err != nil {
		return nil, "", p.folder.Explain(name, err)
	}
	passed := ""
	for segment := range strings.SplitSeq(dir, "/") {
		if segment == "" {
			break // the folder itself
		}
		passed = strings.TrimPrefix(passed+"/"+segment, "/")
		next, err := p.enter(at, segment, passed)
		at.Close()
		if err != nil {
			return nil, "", err
		}
		at = next
	}
	p.near, p.nearName = at, dir
	return at, base, nil
}

// enter opens folder base of at, and makes it when it is missing.
func (p *placer) enter(at *os.Root, base, name string) (*os.Root, error) {
	info, err := at.Lstat(base)
	if errors.Is(err, fs.ErrNotExist) {
		if err = at.Mkdir(base, newFolder); err == nil || errors.Is(err, fs.ErrExist) {
			info, err = at.Lstat(base)
		}
	}
	if err != nil {
		return nil, p.folder.Explain(name, err)
	}
	if !info.IsDir() {
		return nil, fault.BadRequest("entries below %.300q: that is %s, and nothing is written through it", name, what(info))
	}
	next, err := at.OpenRoot(base)
	if err != nil {
		return nil, p.folder.Explain(name, err)
	}
	if err := same(info, func() (fs.FileInfo, error) { return next.Stat(".") }); err != nil {
		next.Close()
		return nil, p.explain(name, err)
	}
	return next, nil
}

func (p *placer) explain(name string, err error) error {
	if errors.Is(err, errReplaced) {
		return fault.Conflict("%.300q or a part of its path was replaced while the archive was put in place: try again", name)
	}
	return p.folder.Explain(name, err)
}

func what(info fs.FileInfo) string {
	switch {
	case info.IsDir():
		return "a folder"
	case info.Mode().IsRegular():
		return "a file"
	}
	return files.Kind(info.Mode())
}

// putFolder makes a folder, or takes one that exists.
func (p *placer) putFolder(e entry) error {
	if e.name == "." {
		return nil // its mode and time are not the archive's
	}
	at, base, err := p.parent(e.name)
	if err != nil {
		return err
	}
	made, err := p.enter(at, base, e.name)
	if err != nil {
		return err
	}
	made.Close()
	if p.folderBytes += int(unsafe.Sizeof(e)) + len(e.name); p.folderBytes > maxFolders {
		return fault.TooLarge("the archive's folders take more than %d bytes of memory, after %d of them: split it", maxFolders, len(p.folders))
	}
	p.folders = append(p.folders, e)
	return nil
}

// place lets make something under a temporary name and moves it to its own.
func (p *placer) place(name string, make func(at *os.Root, temporary string) error) error {
	if name == "." {
		return fault.BadRequest("an entry that is no folder is named like the folder itself")
	}
	at, base, err := p.parent(name)
	if err != nil {
		return err
	}
	if info, err := at.Lstat(base); err == nil && info.IsDir() {
		return fault.BadRequest("entry %.300q is no folder, but there is one of that name", name)
	}
	temporary := files.TemporaryName()
	if err = make(at, temporary); err == nil {
		err = at.Rename(temporary, base)
	}
	if err != nil {
		if left := at.Remove(temporary); !errors.Is(left, fs.ErrNotExist) {
			err = errors.Join(err, left)
		}
		return p.explain(name, err)
	}
	p.files++
	return nil
}

func (p *placer) putFile(e entry, content io.Reader) error {
	return p.place(e.name, func(at *os.Root, temporary string) error {
		file, err := at.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		size, err := files.CopySparse(file, p.folder.Within(content), 0, p.buffer)
		p.bytes += size
		if err == nil {
			err = file.Chmod(e.mode.Perm())
		}
		if err == nil {
			err = files.SetModified(file, e.when())
		}
		return errors.Join(err, file.Close())
	})
}

func (p *placer) putLink(e entry, target string) error {
	if err := checkTarget(e.name, target); err != nil {
		return err
	}
	return p.place(e.name, func(at *os.Root, temporary string) error { return at.Symlink(target, temporary) })
}

// putHardLink gives the file source, which is in the folder, a second name.
func (p *placer) putHardLink(e entry, source string) error {
	at, base, err := p.parent(source)
	if err != nil {
		return err
	}
	info, err := at.Lstat(base)
	if err != nil {
		return p.folder.Explain(source, err)
	}
	if !info.Mode().IsRegular() {
		return fault.BadRequest("entry %.300q is a hard link to %.300q, which is %s: expected a file", e.name, source, what(info))
	}
	if source == e.name {
		return nil
	}
	return p.place(e.name, func(at *os.Root, temporary string) error {
		if err := p.folder.Root.Link(source, inFolderOf(e.name, temporary)); err != nil {
			return err
		}
		return same(info, func() (fs.FileInfo, error) { return at.Lstat(temporary) }) // a link may be on the way to source by now
	})
}

func inFolderOf(name, base string) string {
	return name[:strings.LastIndexByte(name, '/')+1] + base
}

// finish gives folders their modes and times, the deepest first: one that is not to be written to may hold others.
func (p *placer) finish() error {
	for i := len(p.folders) - 1; i >= 0; i-- {
		if err := p.dress(p.folders[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *placer) dress(e entry) error {
	at, base, err := p.parent(e.name)
	if err != nil {
		return err
	}
	info, err := at.Lstat(base)
	if err != nil || !info.IsDir() {
		return nil // replaced by a later entry, or from within
	}
	dir, err := at.OpenFile(base, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return p.folder.Explain(e.name, err)
	}
	defer dir.Close()
	if err := same(info, dir.Stat); err != nil {
		return p.explain(e.name, err)
	}
	if err := dir.Chmod(e.mode.Perm()); err != nil {
		return p.folder.Explain(e.name, err)
	}
	if err := files.SetModified(dir, e.when()); err != nil {
		return p.folder.Explain(e.name, err)
	}
	return nil
}

func (e entry) when() *time.Time {
	if e.modified.IsZero() {
		return nil
	}
	return &e.modified
}
