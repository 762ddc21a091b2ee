// Package spool keeps the output of processes: the newest in memory, older bytes in one unnamed file for the whole pod, in the order
// of arrival and with an offset for each view. When the file is full, the output of ended processes goes first, the oldest first; then
// a process that somebody reads waits for its reader, and one that nobody reads loses its oldest bytes, which readers see as a gap.
package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	// processMemory is what one running process keeps in memory: 256 KiB a stream.
	processMemory = 2 * 256 << 10
	// podMemory bounds what all keep together; above it a running process keeps one block, and ended ones are moved to the file.
	podMemory = 16 << 20
	// endedMemory bounds what ended processes keep of that.
	endedMemory = 1 << 20
	// spillFirst is the least that an output has in memory to go to the file before smaller ones: there each block takes a whole slot.
	spillFirst = 16 << 10
)

// Spool is the budget and the file that all outputs share.
type Spool struct {
	dir   string
	slots int
	warn  func(error)

	mu     sync.Mutex
	file   *os.File
	closed bool
	warned bool
	free   []int
	used   int
	// ended lists outputs of ended processes, the one that ended first at the front.
	ended []*Output
	// memory is what all outputs have there, retired what those of ended processes have.
	memory, retired int64
	// waiting are outputs whose process is held until there is room.
	waiting map[*Output]bool
}

// New makes a spool of at most bytes on disk, in an unnamed file of folder dir that is made when it is first needed. warn is told
// once when the file cannot be used.
func New(dir string, bytes int64, warn func(error)) *Spool {
	return &Spool{dir: dir, slots: int(bytes / blockBytes), warn: warn, waiting: map[*Output]bool{}}
}

// Close gives the file back.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}

// take reserves a slot; false when there is none.
func (s *Spool) take() (int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, false
	}
	if s.file == nil {
		file, err := unnamed(s.dir) // again and again: a full disk may have room later
		if err != nil {
			s.complain(err)
			return 0, false
		}
		s.file = file
	}
	if n := len(s.free); n > 0 {
		slot := s.free[n-1]
		s.free = s.free[:n-1]
		return slot, true
	}
	if s.used < s.slots {
		s.used++
		return s.used - 1, true
	}
	return 0, false
}

// complain warns once. Called with the lock held.
func (s *Spool) complain(err error) {
	if !s.warned {
		s.warned = true
		s.warn(fmt.Errorf("spool in %s: output is kept in memory only and older bytes are dropped as long as it cannot be written: %w", s.dir, err))
	}
}

// give returns slots and wakes who waits for one.
func (s *Spool) give(slots []int) {
	if len(slots) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, slots...)
	s.wakeWaiting()
}

// wakeWaiting is called with the lock held.
func (s *Spool) wakeWaiting() {
	for o := range s.waiting {
		o.wake()
	}
}

// punch gives the disk space of slots back where the file system can; elsewhere it stays until it is reused.
func (s *Spool) punch(slots []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return
	}
	for _, slot := range slots {
		_ = unix.Fallocate(int(s.file.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, int64(slot)*blockBytes, blockBytes)
	}
}

func (s *Spool) write(slot int, data []byte) bool {
	file := s.handle()
	if file == nil {
		return false
	}
	if _, err := file.WriteAt(data, int64(slot)*blockBytes); err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.complain(err)
		return false
	}
	return true
}

func (s *Spool) read(slot int, data []byte) error {
	file := s.handle()
	if file == nil {
		return os.ErrClosed
	}
	_, err := file.ReadAt(data, int64(slot)*blockBytes)
	return err
}

func (s *Spool) handle() *os.File {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.file
}

// dropEnded frees one slot: that of the oldest block of the ended process that ended first and has any. False when none has.
func (s *Spool) dropEnded() bool {
	for _, o := range s.endedOutputs() {
		if o.dropSpilled() {
			return true
		}
	}
	return false
}

func (s *Spool) endedOutputs() []*Output {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ended)
}

func (s *Spool) forget(o *Output) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.ended, o); i >= 0 {
		s.ended = slices.Delete(s.ended, i, i+1)
	}
}

func (s *Spool) addEnded(o *Output) {
	s.mu.Lock()
	s.ended = append(s.ended, o)
	s.wakeWaiting()
	s.mu.Unlock()
	s.trimMemory()
}

// trimMemory moves the memory of ended processes to the file until all keep within the bounds: large outputs and then the oldest first.
// Only for podMemory is anything dropped, where the file has no room.
func (s *Spool) trimMemory() {
	for _, least := range []int{spillFirst, 0} {
		for _, o := range s.endedOutputs() {
			if !s.overRetired() {
				break
			}
			if o.memory() >= least {
				o.spillWhatFits()
			}
		}
	}
	for _, o := range s.endedOutputs() {
		if !s.overMemory() {
			return
		}
		o.spillAll()
	}
}

func (s *Spool) overRetired() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.retired > endedMemory
}

func (s *Spool) overMemory() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.memory > podMemory
}

func (s *Spool) retire(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retired += int64(bytes)
}

func (s *Spool) charge(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.memory += int64(bytes)
}

func (s *Spool) hold(o *Output, waits bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if waits {
		s.waiting[o] = true
	} else {
		delete(s.waiting, o)
	}
}

// unnamed makes a file in dir that no path leads to. File systems without O_TMPFILE (gVisor, old overlays) get one whose name is
// removed at once.
func unnamed(dir string) (*os.File, error) {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_EXCL|unix.O_CLOEXEC, 0o600)
	if err == nil {
		return os.NewFile(uintptr(fd), filepath.Join(dir, "(unnamed)")), nil
	}
	if !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EISDIR) && !errors.Is(err, unix.EINVAL) {
		return nil, &os.PathError{Op: "open unnamed file in", Path: dir, Err: err}
	}
	file, err := os.CreateTemp(dir, ".spool-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
