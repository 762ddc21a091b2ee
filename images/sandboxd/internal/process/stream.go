package process

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"agenttier.io/images/sandboxd/internal/spool"
	"golang.org/x/sys/unix"
)

// After the main process has ended, what it wrote is in the pipe already. Others that it started may hold the pipe open: a shell's
// `tee` that is about to write its last line, or a server left in the background. So reading goes on until the end of the pipe, but
// stops once nothing came for quietTime, and after drainTime in any case.
const (
	quietTime = 250 * time.Millisecond
	drainTime = time.Second
)

// maxLingering bounds the pipes of ended processes that are still read, and thrown away, for the sake of background processes that
// a closed pipe would kill at their next write. Pipes beyond that are closed.
const maxLingering = 256

var lingering atomic.Int32

// readBytes is the size of the buffers, which are held only while there is something to read.
const readBytes = 32 << 10

var buffers = sync.Pool{New: func() any { return new([readBytes]byte) }}

// stream carries what one file descriptor of a process writes into its output.
type stream struct {
	process *Process
	kind    spool.Stream
	from    *os.File
	// terminal: from is one, and its end is an error (EIO).
	terminal bool
	// mirror also gets all bytes: the container's own log. May be nil.
	mirror *os.File
	// session of the terminal; may be nil.
	session *session

	mu       sync.Mutex
	hurried  bool
	deadline time.Time
}

// pump reads until the stream is drained.
func (s *stream) pump() {
	for {
		switch err := s.readOnce(readBytes, s.keep); {
		case err == nil:
			s.extend()
		case errors.Is(err, os.ErrDeadlineExceeded):
			s.takeRest()
			s.flush()
			s.process.drained(s)
			s.linger()
			return
		default: // io.EOF, EIO at the end of a terminal, or a broken pipe, which has nothing more to give either
			s.from.Close()
			s.flush()
			s.process.drained(s)
			return
		}
	}
}

// flush keeps what a session held back of a sequence that never came to its end.
func (s *stream) flush() {
	if s.session != nil {
		s.append(s.session.rest())
	}
}

func (s *stream) keep(bytes []byte) {
	if s.session != nil {
		bytes = s.session.shown(bytes)
	}
	s.append(bytes)
}

func (s *stream) append(bytes []byte) {
	if s.session != nil {
		s.session.note(s.process.Output.EndOf(spool.Combined), bytes)
	}
	s.process.Output.Append(s.kind, bytes)
	if s.mirror != nil {
		_, _ = s.mirror.Write(bytes) // the container's log is a copy: its loss loses nothing
	}
}

// readOnce waits until there are bytes and hands at most limit of them to use. io.EOF at the end of the pipe,
// os.ErrDeadlineExceeded when none came in time.
func (s *stream) readOnce(limit int, use func([]byte)) error {
	raw, err := s.from.SyscallConn()
	if err != nil {
		return err
	}
	var n int
	var buffer *[readBytes]byte
	waitErr := raw.Read(func(fd uintptr) bool {
		buffer = buffers.Get().(*[readBytes]byte)
		for {
			n, err = unix.Read(int(fd), buffer[:min(limit, readBytes)])
			if !errors.Is(err, unix.EINTR) {
				break
			}
		}
		if errors.Is(err, unix.EAGAIN) {
			buffers.Put(buffer)
			buffer = nil
			return false
		}
		return true
	})
	if buffer != nil {
		defer buffers.Put(buffer)
	}
	switch {
	case waitErr != nil:
		return waitErr
	case err != nil:
		return err
	case n == 0:
		return io.EOF
	}
	use(buffer[:n])
	return nil
}

// hurry begins the time limits of a stream whose main process has ended.
func (s *stream) hurry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.hurried, s.deadline = true, now.Add(drainTime)
	_ = s.from.SetReadDeadline(now.Add(quietTime)) // fails only when it is closed, thus drained
}

// extend gives quietTime anew after bytes came, but not beyond drainTime.
func (s *stream) extend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.hurried {
		return
	}
	next := time.Now().Add(quietTime)
	if next.After(s.deadline) {
		next = s.deadline
	}
	_ = s.from.SetReadDeadline(next)
}

// takeRest reads what is in the pipe now, and not what is written from now on.
func (s *stream) takeRest() {
	if s.terminal {
		s.takeRestOfTerminal()
		return
	}
	if s.from.SetReadDeadline(time.Time{}) != nil {
		return
	}
	raw, err := s.from.SyscallConn()
	if err != nil {
		return
	}
	var waiting int
	_ = raw.Control(func(fd uintptr) { waiting, _ = unix.IoctlGetInt(int(fd), unix.TIOCINQ) })
	for waiting > 0 {
		if s.readOnce(waiting, func(bytes []byte) { waiting -= len(bytes); s.keep(bytes) }) != nil {
			return
		}
	}
}

// maxTerminalRest is more than the kernel keeps of a terminal's output.
const maxTerminalRest = 128 << 10

// takeRestOfTerminal reads what a terminal still has. The kernel does not say how much that is; it hung up on everyone when the
// leader of the session ended, so nothing is added, and a limit is enough.
func (s *stream) takeRestOfTerminal() {
	for left := maxTerminalRest; left > 0; {
		if s.from.SetReadDeadline(time.Now().Add(quietTime)) != nil {
			return
		}
		if s.readOnce(left, func(bytes []byte) { left -= len(bytes); s.keep(bytes) }) != nil {
			break
		}
	}
	_ = s.from.SetReadDeadline(time.Time{}) // fails only when it is closed
}

// linger reads on for background processes and throws away what they write.
func (s *stream) linger() {
	defer s.from.Close()
	if lingering.Add(1) <= maxLingering {
		for s.readOnce(readBytes, func([]byte) {}) == nil {
		}
	}
	lingering.Add(-1)
}
