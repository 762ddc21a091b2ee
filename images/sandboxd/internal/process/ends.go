package process

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// ends connect a process with sandboxd, by pipes or by a terminal. The child's block as usual; ours do not, so that Go's poller waits
// for them.
type ends struct {
	// child are those that the process gets as 0, 1 and 2.
	child [3]uintptr
	// forked are those of child that sandboxd closes once the process has them.
	forked []int
	// kept is the child's end of a terminal that sandboxd keeps too; -1 when there is none.
	kept int
	// output are ours: stdout and stderr, or the terminal alone.
	output   []*os.File
	terminal *os.File
	// feed is where stdin goes; nil when there is none, or all of it is in the pipe. rest are the fixed bytes still to be written.
	feed *os.File
	rest []byte
}

// openEnds makes what the request needs. The error names what could not be made.
func openEnds(null *os.File, request *Request) (*ends, error) {
	e := &ends{kept: -1}
	open := e.openPipes
	if request.TTY {
		open = e.openTerminal
	}
	if err := open(null, request); err != nil {
		e.closeChild()
		e.closeOurs()
		return nil, err
	}
	return e, nil
}

func (e *ends) openTerminal(_ *os.File, request *Request) error {
	ours, theirs, err := openTerminal(request.size())
	if err != nil {
		return err
	}
	e.terminal, e.kept = ours, theirs
	e.output = []*os.File{ours}
	e.child = [3]uintptr{uintptr(theirs), uintptr(theirs), uintptr(theirs)}
	if request.OpenStdin || len(request.Stdin) > 0 {
		e.feed, e.rest = ours, request.Stdin
	}
	return nil
}

// openPipes makes those for stdout and stderr, and one for stdin if it is open or there are bytes for it. What the pipe takes at once
// is written before the child exists.
func (e *ends) openPipes(null *os.File, request *Request) error {
	for i := 1; i <= 2; i++ {
		ours, theirs, err := pipe(true)
		if err != nil {
			return err
		}
		e.output = append(e.output, os.NewFile(uintptr(ours), "output"))
		e.give(i, theirs)
	}
	if !request.OpenStdin && len(request.Stdin) == 0 {
		e.child[0] = null.Fd()
		return nil
	}
	ours, theirs, err := pipe(false)
	if err != nil {
		return err
	}
	e.give(0, theirs)
	n, err := 0, error(nil)
	if len(request.Stdin) > 0 {
		n, err = unix.Write(ours, request.Stdin)
	}
	if err != nil && !errors.Is(err, unix.EAGAIN) {
		n = 0
	}
	e.rest = request.Stdin[max(0, n):]
	if len(e.rest) == 0 && !request.OpenStdin {
		unix.Close(ours)
	} else {
		e.feed = os.NewFile(uintptr(ours), "stdin")
	}
	return nil
}

func (e *ends) give(number, fd int) {
	e.child[number] = uintptr(fd)
	e.forked = append(e.forked, fd)
}

// pipe returns our end, the reading one if read, and the child's. Both close at exec; ours does not block.
func pipe(read bool) (ours, theirs int, err error) {
	var both [2]int
	if err := unix.Pipe2(both[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, err
	}
	ours, theirs = both[1], both[0]
	if read {
		ours, theirs = both[0], both[1]
	}
	if err := unix.SetNonblock(ours, true); err != nil {
		unix.Close(ours)
		unix.Close(theirs)
		return -1, -1, err
	}
	return ours, theirs, nil
}

// closeChild closes the ends that only the child needs.
func (e *ends) closeChild() {
	for _, fd := range e.forked {
		unix.Close(fd)
	}
	e.forked = nil
}

// closeOurs gives up after a failed start.
func (e *ends) closeOurs() {
	if e.feed != nil && e.feed != e.terminal {
		e.feed.Close()
	}
	for _, file := range e.output {
		file.Close()
	}
	if e.kept >= 0 {
		unix.Close(e.kept)
	}
}
