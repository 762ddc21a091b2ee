package process

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// pipes connect a process with sandboxd. The child's ends block as usual; ours do not, so that Go's poller waits for them.
type pipes struct {
	stdin    *os.File
	stdinEnd int // the child's, -1 when stdin is a file shared by all
	rest     []byte
	feed     *os.File // our end while rest is not written
	output   [2]*os.File
	outputTo [2]int
}

// openPipes makes those for stdout and stderr, and one for stdin if there are bytes for it. What the pipe takes at once is written
// before the child exists; feed and rest are for the others.
func openPipes(null *os.File, stdin []byte) (*pipes, error) {
	p := &pipes{stdin: null, stdinEnd: -1, outputTo: [2]int{-1, -1}}
	for i := range p.output {
		ours, theirs, err := pipe(true)
		if err != nil {
			p.closeChild()
			p.closeOurs()
			return nil, err
		}
		p.output[i], p.outputTo[i] = os.NewFile(uintptr(ours), "output"), theirs
	}
	if len(stdin) == 0 {
		return p, nil
	}
	ours, theirs, err := pipe(false)
	if err != nil {
		p.closeChild()
		p.closeOurs()
		return nil, err
	}
	p.stdinEnd = theirs
	n, err := unix.Write(ours, stdin)
	if err != nil && !errors.Is(err, unix.EAGAIN) {
		n = 0
	}
	if p.rest = stdin[max(0, n):]; len(p.rest) == 0 {
		unix.Close(ours)
	} else {
		p.feed = os.NewFile(uintptr(ours), "stdin")
	}
	return p, nil
}

// pipe returns our end, the reading one if read, and the child's. Both close at exec; ours does not block.
func pipe(read bool) (ours, theirs int, err error) {
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, err
	}
	ours, theirs = ends[1], ends[0]
	if read {
		ours, theirs = ends[0], ends[1]
	}
	if err := unix.SetNonblock(ours, true); err != nil {
		unix.Close(ours)
		unix.Close(theirs)
		return -1, -1, err
	}
	return ours, theirs, nil
}

func (p *pipes) child() []uintptr {
	stdin := uintptr(p.stdinEnd)
	if p.stdinEnd < 0 {
		stdin = p.stdin.Fd()
	}
	return []uintptr{stdin, uintptr(p.outputTo[0]), uintptr(p.outputTo[1])}
}

// closeChild closes the ends that only the child needs.
func (p *pipes) closeChild() {
	for _, fd := range append([]int{p.stdinEnd}, p.outputTo[:]...) {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// closeOurs gives up after a failed start.
func (p *pipes) closeOurs() {
	for _, file := range []*os.File{p.feed, p.output[0], p.output[1]} {
		if file != nil {
			file.Close()
		}
	}
}

// feedRest writes the rest of stdin, until the child takes no more or the process has ended, which closes to.
func (p *pipes) feedRest(to *os.File) {
	_, _ = to.Write(p.rest) // a reader that leaves early is its own choice
	to.Close()
}
