package files

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// SetModified sets the time at which an open file or folder was modified, and leaves that of its last reading; nil changes nothing.
// It is futimens: by name another file could be meant by now.
func SetModified(file *os.File, modified *time.Time) error {
	if modified == nil {
		return nil
	}
	times := [2]unix.Timespec{{Nsec: unix.UTIME_OMIT}, {Sec: modified.Unix(), Nsec: int64(modified.Nanosecond())}}
	_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, file.Fd(), 0, uintptr(unsafe.Pointer(&times)), 0, 0, 0)
	if errno != 0 {
		return &os.PathError{Op: "futimens", Path: file.Name(), Err: errno}
	}
	return nil
}
