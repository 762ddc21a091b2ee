package configure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/files"
	"golang.org/x/sys/unix"
)

// The folder that is ours, below the workspace, and what is in it beside the saved files, whose names are their places in the journal.
const (
	topFolder   = ".agenttier"
	ownFolder   = topFolder + "/configure"
	journalFile = ownFolder + "/journal"
	journalNew  = ownFolder + "/journal.new"
)

// maxJournal is more than the longest names of all files take.
const maxJournal = 8 << 20

// readOnly opens what may be anything by now without waiting for it.
const readOnly = os.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY

// journal says how to put the files back. It is on the volume before the first of them is overwritten, and goes when all is well.
type journal struct {
	Version int `json:"version"`
	// Temporary is the name that a file has beside its own until it is whole.
	Temporary string  `json:"temporary"`
	Entries   []entry `json:"entries"`
}

// entry is one file as it was.
type entry struct {
	Path string `json:"path"`
	// Saved: it was there, and is kept under its place in the journal. Else it is new.
	Saved bool `json:"saved"`
	// Made is how many of the folders above it were not there, the nearest first.
	Made int `json:"made"`
}

// store is our folder. The code of the sandbox can write there, so what stands in it is believed only as far as that code could do the
// same by itself: every access goes through the root of the workspace, which no link leads out of.
type store struct{ all *files.Subtree }

// errGarbage is a journal that is none of ours.
var errGarbage = errors.New("is not a journal")

// openStore opens the folder; 404 when it is missing, unless create makes it.
func openStore(tree *files.Tree, create bool) (*store, error) {
	all, err := tree.All()
	if err != nil {
		return nil, err
	}
	s := &store{all}
	for _, name := range []string{topFolder, ownFolder} {
		if err := s.enter(name, create); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

// enter sees to it that name is a folder, and no link to one: what is swept and put back from there must be ours.
func (s *store) enter(name string, create bool) error {
	info, err := s.all.Root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) && create {
		if err = s.all.Root.Mkdir(name, 0o755); err == nil {
			return nil
		}
	}
	if err != nil {
		return s.all.Explain(name, err)
	}
	if !info.IsDir() {
		return fault.Conflict("%s/%s is no folder: sandboxd keeps there what undoes a configure, remove what is there", s.all.Shown(), name)
	}
	return nil
}

func (s *store) close() { s.all.Root.Close() }

// leave removes the folder when nothing is left in it.
func (s *store) leave() {
	for _, name := range []string{ownFolder, topFolder} {
		if s.all.Root.Remove(name) != nil {
			return // something is
		}
	}
}

// clear ends what an earlier configure left: its files are put back when its journal is there.
func (s *store) clear(warn func(error)) error {
	j, err := s.read()
	if errors.Is(err, errGarbage) {
		warn(fmt.Errorf("%s/%s: %w", s.all.Shown(), journalFile, err))
		return s.forget()
	}
	if err != nil {
		return err
	}
	if j == nil {
		return s.sweep()
	}
	return s.undo(j)
}

// forget makes what has been written stay.
func (s *store) forget() error {
	if err := s.all.Root.RemoveAll(journalFile); err != nil {
		return s.all.Explain(journalFile, err)
	}
	if err := s.sync(); err != nil {
		return err
	}
	return s.sweep()
}

// sweep removes all that can be ours beside the journal.
func (s *store) sweep() error {
	err := s.all.Root.RemoveAll(journalNew)
	for i := range maxFiles {
		err = errors.Join(err, s.all.Root.RemoveAll(saved(i)))
	}
	if err != nil {
		return s.all.Explain(ownFolder, err)
	}
	return nil
}

func saved(i int) string { return ownFolder + "/" + strconv.Itoa(i) }

// write puts the journal on the volume.
func (s *store) write(j *journal) error {
	if err := s.writeNew(j); err != nil {
		return s.all.Explain(journalNew, err)
	}
	if err := s.all.Root.Rename(journalNew, journalFile); err != nil {
		return s.all.Explain(journalFile, err)
	}
	return s.sync()
}

func (s *store) writeNew(j *journal) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(j); err != nil {
		return err
	}
	file, err := s.all.Root.OpenFile(journalNew, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text.Bytes())
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// sync makes the names in the folder last.
func (s *store) sync() error {
	folder, err := s.all.Root.OpenFile(ownFolder, readOnly|unix.O_DIRECTORY, 0)
	if err == nil {
		err = errors.Join(folder.Sync(), folder.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // the sandbox may have removed it, and all that is in it
		return s.all.Explain(ownFolder, err)
	}
	return nil
}

// read returns the journal that is there, nil when there is none, and errGarbage when it cannot be one.
func (s *store) read() (*journal, error) {
	file, err := s.regular(journalFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, errIrregular):
		return nil, fmt.Errorf("%w: it is no regular file", errGarbage)
	case err != nil:
		return nil, s.all.Explain(journalFile, err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxJournal+1))
	if err != nil {
		return nil, s.all.Explain(journalFile, err)
	}
	if len(text) > maxJournal {
		return nil, fmt.Errorf("%w: it has more than %d bytes", errGarbage, maxJournal)
	}
	var j journal
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, fmt.Errorf("%w: %w", errGarbage, err)
	}
	return &j, j.check()
}

var temporaryName = regexp.MustCompile(`^\.agenttier-[0-9a-f]{16}$`)

func (j *journal) check() error {
	switch {
	case j.Version != 1:
		return fmt.Errorf("%w: it has version %d", errGarbage, j.Version)
	case !temporaryName.MatchString(j.Temporary):
		return fmt.Errorf("%w: its temporary name is %.80q", errGarbage, j.Temporary)
	case len(j.Entries) > maxFiles:
		return fmt.Errorf("%w: it has %d entries", errGarbage, len(j.Entries))
	}
	for i, e := range j.Entries {
		// fs.ValidPath is relative, clean and without ".."
		if !fs.ValidPath(e.Path) || e.Path == "." || reserved(e.Path) || path.Base(e.Path) == j.Temporary {
			return fmt.Errorf("%w: entry %d has path %.300q", errGarbage, i, e.Path)
		}
	}
	return nil
}

// errIrregular is something else where a file should be.
var errIrregular = errors.New("is no regular file")

// regular opens a file for reading that is one, and no link to one.
func (s *store) regular(name string) (*os.File, error) {
	seen, err := s.all.Root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !seen.Mode().IsRegular() {
		return nil, errIrregular
	}
	file, err := s.all.Root.OpenFile(name, readOnly, 0)
	if err != nil {
		return nil, err
	}
	opened, err := file.Stat()
	if err == nil && !os.SameFile(seen, opened) {
		err = errIrregular // it was replaced meanwhile
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
