package process

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Size of a terminal that was asked for without one.
const (
	defaultCols = 120
	defaultRows = 40
	maxSide     = 1000
)

// defaultTerm is TERM of a process with a terminal whose environment does not set it.
const defaultTerm = "xterm-256color"

// Size of a terminal in characters.
type Size struct {
	Cols int `json:"cols"`
	Rows int `json:"rows"`
}

// Check returns what is wrong with a size; nil if a terminal can have it.
func (s Size) Check() error {
	if s.Cols < 1 || s.Cols > maxSide || s.Rows < 1 || s.Rows > maxSide {
		return fmt.Errorf("terminal size of %d cols and %d rows: expected 1 to %d each", s.Cols, s.Rows, maxSide)
	}
	return nil
}

// openTerminal makes a pseudo-terminal: ours, which does not block, and the child's end. It needs devpts at /dev/pts and nothing
// else of the image. Neither end becomes the controlling terminal of sandboxd.
func openTerminal(size Size) (ours *os.File, theirs int, err error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, -1, fmt.Errorf("open /dev/ptmx: %w", err)
	}
	ours = os.NewFile(uintptr(fd), "terminal")
	if theirs, err = openChildEnd(fd); err != nil {
		ours.Close()
		return nil, -1, err
	}
	if err := prepare(fd, size); err != nil {
		ours.Close()
		unix.Close(theirs)
		return nil, -1, err
	}
	return ours, theirs, nil
}

func openChildEnd(ours int) (int, error) {
	if err := unix.IoctlSetPointerInt(ours, unix.TIOCSPTLCK, 0); err != nil {
		return -1, fmt.Errorf("unlock terminal: %w", err)
	}
	number, err := unix.IoctlGetInt(ours, unix.TIOCGPTN)
	if err != nil {
		return -1, fmt.Errorf("number of terminal: %w", err)
	}
	path := "/dev/pts/" + strconv.Itoa(number)
	theirs, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("open %s: %w", path, err)
	}
	return theirs, nil
}

// prepare sets the size, and that one backspace takes one character of UTF-8.
func prepare(ours int, size Size) error {
	if err := setSize(ours, size); err != nil {
		return fmt.Errorf("size of terminal: %w", err)
	}
	mode, err := unix.IoctlGetTermios(ours, unix.TCGETS)
	if err != nil {
		return fmt.Errorf("mode of terminal: %w", err)
	}
	mode.Iflag |= unix.IUTF8
	if err := unix.IoctlSetTermios(ours, unix.TCSETS, mode); err != nil {
		return fmt.Errorf("mode of terminal: %w", err)
	}
	return nil
}

func setSize(ours int, size Size) error {
	return unix.IoctlSetWinsize(ours, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(size.Cols), Row: uint16(size.Rows)})
}

// Resize gives the terminal another size, of which the kernel tells its foreground processes by SIGWINCH. Nothing happens without a
// terminal, after its end, and when another than by has the writer's place: viewers do not change what the writer sees.
func (p *Process) Resize(by *Writer, size Size) error {
	if err := size.Check(); err != nil {
		return err
	}
	p.mu.Lock()
	terminal := p.terminal
	p.mu.Unlock()
	if terminal == nil || !p.input.mayResize(by) {
		return nil
	}
	raw, err := terminal.SyscallConn()
	if err != nil {
		return nil // closed: it has ended
	}
	_ = raw.Control(func(fd uintptr) { _ = setSize(int(fd), size) }) // as above
	return nil
}

// endOfInput is what to write so that a program that reads from the terminal sees the end: its EOT character, twice when a begun
// line has to be handed over first. A terminal in raw mode has no such character; programs that edit lines take 4 for it.
func endOfInput(terminal *os.File, lineBegun bool) []byte {
	eot, canonical := byte(4), false
	if raw, err := terminal.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			if mode, err := unix.IoctlGetTermios(int(fd), unix.TCGETS); err == nil && mode.Lflag&unix.ICANON != 0 {
				eot, canonical = mode.Cc[unix.VEOF], true
			}
		})
	}
	if canonical && lineBegun {
		return []byte{eot, eot}
	}
	return []byte{eot}
}
