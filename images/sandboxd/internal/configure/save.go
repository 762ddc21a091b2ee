package configure

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/files"
	"golang.org/x/sys/unix"
)

// save keeps what is at each of names, and returns how to put it back. Nothing at those names is changed.
func (s *store) save(names []string) (*journal, error) {
	j := &journal{Version: 1, Temporary: files.TemporaryName()}
	for i, name := range names {
		e, err := s.saveFile(i, name)
		if err != nil {
			return nil, s.all.Explain(name, err)
		}
		j.Entries = append(j.Entries, e)
	}
	return j, nil
}

func (s *store) saveFile(i int, name string) (entry, error) {
	info, err := s.all.Root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		made, err := s.missing(name)
		return entry{Path: name, Made: made}, err
	}
	if err != nil {
		return entry{}, err
	}
	if mode := info.Mode(); mode.IsDir() {
		return entry{}, unix.EISDIR
	} else if !mode.IsRegular() && mode.Type() != fs.ModeSymlink {
		return entry{}, fault.BadRequest("%s/%.300s is %s: only regular files can be written", s.all.Shown(), name, files.Kind(mode))
	}
	// What takes the place of the file is another one, so a second name for it keeps all of it. Not every volume has those.
	if s.all.Root.Link(name, saved(i)) != nil {
		if err := s.copy(name, saved(i)); err != nil {
			return entry{}, err
		}
	}
	return entry{Path: name, Saved: true}, nil
}

// missing counts the folders above name that are not there, from the nearest on.
func (s *store) missing(name string) (made int, err error) {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		_, err := s.all.Root.Stat(dir)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
		made++
	}
	return made, nil
}

// copy makes to, which is not there, the same as from: a regular file with its mode and time, or a link.
func (s *store) copy(from, to string) error {
	if target, err := s.all.Root.Readlink(from); err == nil {
		return s.all.Root.Symlink(target, to)
	}
	source, err := s.regular(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	file, err := s.all.Root.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, source)
	if err == nil {
		err = file.Chmod(info.Mode().Perm())
	}
	if err == nil {
		when := info.ModTime()
		err = files.SetModified(file, &when)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, s.all.Root.Remove(to))
	}
	return nil
}
