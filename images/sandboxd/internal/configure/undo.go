package configure

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"golang.org/x/sys/unix"
)

// undo puts every file back and forgets the journal. It can be done again when it was not done wholly; then the journal stays.
func (s *store) undo(j *journal) error {
	var all error
	for i := len(j.Entries) - 1; i >= 0; i-- {
		if err := s.putBack(j, i); err != nil {
			all = errors.Join(all, s.all.Explain(j.Entries[i].Path, err))
		}
	}
	if all != nil {
		return fmt.Errorf("not all files could be put back: %w", all)
	}
	return s.forget()
}

// putBack makes entry i of the journal as it was. One that was put back already stays so.
func (s *store) putBack(j *journal, i int) error {
	e := j.Entries[i]
	_ = s.all.Root.Remove(beside(e.Path, j.Temporary)) // there only if its writing was cut
	if e.Saved {
		return s.restore(saved(i), e.Path, j.Temporary)
	}
	info, err := s.all.Root.Lstat(e.Path)
	if err == nil && !info.IsDir() { // a folder is not what was put there
		err = s.all.Root.Remove(e.Path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ENOTDIR) {
		return err
	}
	s.removeMade(e)
	return nil
}

// removeMade removes the folders that were made for the file, as far as they are empty.
func (s *store) removeMade(e entry) {
	for dir, left := path.Dir(e.Path), e.Made; left > 0 && dir != "."; dir, left = path.Dir(dir), left-1 {
		if info, err := s.all.Root.Lstat(dir); err == nil && (!info.IsDir() || s.all.Root.Remove(dir) != nil) {
			return
		}
	}
}

// restore gives what was kept its own name again.
func (s *store) restore(kept, name, temporary string) error {
	if _, err := s.all.Root.Lstat(kept); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it has been
		}
		return err
	}
	if err := s.all.Root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	if info, err := s.all.Root.Lstat(name); err == nil && info.IsDir() {
		if err := s.all.Root.RemoveAll(name); err != nil {
			return err
		}
	}
	err := s.all.Root.Rename(kept, name)
	if errors.Is(err, unix.EXDEV) {
		return s.restoreCopy(kept, name, temporary)
	}
	return err
}

// restoreCopy does so across volumes.
func (s *store) restoreCopy(kept, name, temporary string) error {
	whole := beside(name, temporary)
	if err := s.copy(kept, whole); err != nil {
		return err
	}
	if err := s.all.Root.Rename(whole, name); err != nil {
		return err
	}
	return s.all.Root.Remove(kept)
}

func beside(name, other string) string { return path.Join(path.Dir(name), other) }
