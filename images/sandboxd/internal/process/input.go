package process

import (
	"os"
	"sync"
	"time"
)

const (
	// maxPending is what is kept of stdin that the process has not taken yet; beyond it writers wait.
	maxPending = 256 << 10
	// inputPiece is written to the process at a time.
	inputPiece = 64 << 10
)

// input is the stdin of a process. It belongs to the process and not to a connection: what it accepted reaches the process whatever
// becomes of the writer. Offsets count the bytes of stdin from 0, so a resumed writer neither loses nor doubles any.
type input struct {
	// open says that stdin comes by attach.
	open bool

	mu       sync.Mutex
	pending  []byte
	writing  int // bytes of pending that the feeder took and has not written
	accepted int64
	// closeAt is the length after which stdin is closed; -1 when that is not known.
	closeAt int64
	// closed: no byte beyond those pending reaches the process any more.
	closed bool
	// gone: the process has ended or closed its stdin; what comes is thrown away.
	gone   bool
	file   *os.File
	writer *Writer
	// lineBegun: the last byte accepted ends no line.
	lineBegun bool
	// wake tells the feeder to look again; changed is closed and replaced to tell writers.
	wake    chan struct{}
	changed chan struct{}
}

// newInput is for a process that gets fixed bytes or, when open, what writers send.
func newInput(fixed []byte, open bool) *input {
	in := &input{open: open, closeAt: -1, closed: !open, accepted: int64(len(fixed)), wake: make(chan struct{}, 1), changed: make(chan struct{})}
	if n := len(fixed); n > 0 {
		in.lineBegun = !endsLine(fixed[n-1])
	}
	return in
}

// connect says where stdin goes; rest is what of the fixed bytes is not there yet. It comes before feed and before the process can end.
func (in *input) connect(file *os.File, rest []byte) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.file = file
	if !in.open {
		in.pending = rest
	}
}

// feed writes what is accepted until stdin is closed, the process takes no more, or stop; then it closes the file, unless that is a
// terminal, which gets its end of input.
func (in *input) feed(terminal bool) {
	var spare []byte
	for {
		bytes, next := in.take(spare)
		switch {
		case next == feedNow:
			if in.write(bytes) != nil {
				in.stop() // the process closed its stdin, or ended
			}
			spare = bytes[:0]
		case next == feedLater:
			spare = nil // an idle process holds no buffer
			<-in.wake
		case !terminal:
			in.file.Close()
			return
		case next == feedEnd:
			_, _ = in.file.Write(endOfInput(in.file, in.lineBegun)) // a terminal that is gone needs none
			return
		default:
			return
		}
	}
}

// What the feeder does next.
const (
	feedNow = iota
	feedLater
	// feedEnd after the last byte, feedNever when the process takes no more.
	feedEnd
	feedNever
)

// take hands over what is pending and begins anew in spare.
func (in *input) take(spare []byte) (bytes []byte, next int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.gone:
		return nil, feedNever
	case len(in.pending) > 0:
		bytes, in.pending = in.pending, spare
		in.writing = len(bytes)
		return bytes, feedNow
	case in.closed:
		in.pending = nil
		return nil, feedEnd
	}
	in.pending = nil
	return nil, feedLater
}

func (in *input) write(bytes []byte) error {
	for len(bytes) > 0 {
		n, err := in.file.Write(bytes[:min(len(bytes), inputPiece)])
		if err != nil {
			return err
		}
		bytes = bytes[n:]
		in.mu.Lock()
		in.writing -= n
		in.tell()
		in.mu.Unlock()
	}
	return nil
}

// accept takes bytes that begin at offset, as many as there is room for, and returns how many of them need not be sent again. It
// reports false, and takes nothing, when offset lies beyond what was accepted. Called with the lock held.
func (in *input) accept(offset int64, bytes []byte) (done int, ok bool) {
	if offset > in.accepted {
		return 0, false
	}
	done = int(min(in.accepted-offset, int64(len(bytes))))
	bytes = bytes[done:]
	if keep := in.room(len(bytes)); keep > 0 {
		in.pending = append(in.pending, bytes[:keep]...)
		in.lineBegun = !endsLine(bytes[keep-1])
		in.accepted += int64(keep)
		in.closeIfDue()
		in.wakeFeeder()
		done, bytes = done+keep, bytes[keep:]
	}
	if in.gone || in.closed { // thrown away, as by a pipe whose reader is gone
		in.accepted += int64(len(bytes))
		done += len(bytes)
	}
	return done, true
}

// room is how many of wanted bytes the process can still get now.
func (in *input) room(wanted int) int {
	if in.gone || in.closed {
		return 0
	}
	n := min(wanted, max(0, maxPending-len(in.pending)-in.writing))
	if in.closeAt >= 0 {
		n = int(min(int64(n), in.closeAt-in.accepted))
	}
	return n
}

// closeIfDue is called with the lock held.
func (in *input) closeIfDue() {
	if in.closeAt >= 0 && in.accepted >= in.closeAt && !in.closed {
		in.closed = true
		in.tell()
		in.wakeFeeder()
	}
}

// stop ends the feeding: the process takes no more.
func (in *input) stop() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.gone, in.pending, in.writing = true, nil, 0
	if in.file != nil {
		_ = in.file.SetWriteDeadline(time.Unix(1, 0)) // fails only when it is closed, thus not being written to
	}
	in.wakeFeeder()
	in.tell()
}

func (in *input) state() (accepted int64, open bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.accepted, in.open && !in.closed && !in.gone
}

// mayResize reports whether no other than w has the writer's place.
func (in *input) mayResize(w *Writer) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.writer == nil || in.writer == w
}

// tell wakes the writer. Called with the lock held.
func (in *input) tell() {
	close(in.changed)
	in.changed = make(chan struct{})
}

func (in *input) wakeFeeder() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

func endsLine(b byte) bool { return b == '\n' || b == '\r' }
