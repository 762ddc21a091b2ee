// Package seal keeps sandboxd's private key, and what is for agents alone, from the code it runs. That code has the same uid, so they
// may stand neither in a file nor in anything of /proc that this uid can read.
package seal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Undumpable makes /proc/<self>/{mem,environ,fd,…} unreadable for others of the same uid and forbids them to trace us.
func Undumpable() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl(PR_SET_DUMPABLE, 0): %w", err)
	}
	return nil
}

// TakeEnv removes variable name from the environment, wipes the copy that the kernel placed in memory at exec and the one Go made
// of it, and returns the value. ok is false when it was not set.
func TakeEnv(name string) (value []byte, ok bool, err error) {
	text, ok := os.LookupEnv(name)
	if !ok {
		return nil, false, nil
	}
	value = []byte(text)
	if err := os.Unsetenv(name); err != nil {
		return nil, true, fmt.Errorf("unset %s: %w", name, err)
	}
	if len(text) > 0 {
		clear(unsafe.Slice(unsafe.StringData(text), len(text)))
	}
	area, err := environment()
	if err != nil {
		return nil, true, fmt.Errorf("wipe %s from the process's environment: %w", name, err)
	}
	wipe(area, name)
	return value, true, nil
}

// TakePrefixed takes every variable out of the environment whose name begins with prefix, as TakeEnv does, and returns them by the rest
// of the name. One whose name is prefix alone is taken out and left out.
func TakePrefixed(prefix string) (map[string]string, error) {
	taken := map[string]string{}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		rest, ours := strings.CutPrefix(name, prefix)
		if !ours {
			continue
		}
		value, ok, err := TakeEnv(name)
		if err != nil {
			return nil, err
		}
		if ok && rest != "" {
			taken[rest] = string(value)
		}
	}
	return taken, nil
}

// wipe zeroes the value of name in area, a run of NUL-terminated NAME=VALUE strings.
func wipe(area []byte, name string) {
	for len(area) > 0 {
		entry := area
		if end := bytes.IndexByte(area, 0); end >= 0 {
			entry, area = area[:end], area[end+1:]
		} else {
			area = nil
		}
		if value, found := bytes.CutPrefix(entry, []byte(name+"=")); found {
			clear(value)
		}
	}
}

// environment is the memory between env_start and env_end of this process (proc(5), /proc/pid/stat fields 50 and 51).
func environment() ([]byte, error) {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return nil, err
	}
	start, end, err := environmentBounds(string(stat))
	if err != nil {
		return nil, err
	}
	// The area is no memory of Go's: the kernel maps it for the life of the process, so no pointer rule is broken.
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&start)), int(end-start)), nil
}

func environmentBounds(stat string) (start, end uintptr, err error) {
	// Field 2 is the name in brackets and may hold anything, so fields are counted from the last bracket: field 3 comes first.
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	const envStart, envEnd = 50 - 3, 51 - 3
	if len(fields) <= envEnd {
		return 0, 0, errors.New("/proc/self/stat has no env_start")
	}
	from, errFrom := strconv.ParseUint(fields[envStart], 10, 64)
	to, errTo := strconv.ParseUint(fields[envEnd], 10, 64)
	if errFrom != nil || errTo != nil || from == 0 || to < from || to-from > 1<<24 {
		return 0, 0, fmt.Errorf("/proc/self/stat has env_start %q and env_end %q", fields[envStart], fields[envEnd])
	}
	return uintptr(from), uintptr(to), nil
}
