// Package reaper starts children and is the only one to wait for them. As process 1 (or as subreaper) sandboxd also inherits every
// orphan of the container; a second waiter would steal statuses, so neither os/exec nor os.Process is used anywhere.
//
// The order of events: a child that ended is looked at without reaping it, the lock is taken, the child is reaped and forgotten,
// and only then its pid may be used again. Start forks and Signal signals under the same lock: no status and no signal can reach a
// process that merely got the same number.
package reaper

import (
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Reaper waits for all children of this process.
type Reaper struct {
	mu       sync.Mutex
	children map[int]func(syscall.WaitStatus)
	// wake tells the loop, when it found no child at all, that there may be one.
	wake chan os.Signal
	// reaped is closed and replaced whenever a child of any kind has been reaped.
	reaped chan struct{}
}

// New makes this process the one that inherits orphans and starts the waiting, which goes on as long as the process lives.
func New() (*Reaper, error) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, os.NewSyscallError("prctl(PR_SET_CHILD_SUBREAPER)", err)
	}
	r := &Reaper{children: map[int]func(syscall.WaitStatus){}, wake: make(chan os.Signal, 1), reaped: make(chan struct{})}
	signal.Notify(r.wake, syscall.SIGCHLD)
	go r.loop()
	return r, nil
}

// Start runs program and calls exited once with its status, on the goroutine that waits for all: exited must not block. The error
// is that of execve or of the fork, a syscall.Errno.
func (r *Reaper) Start(program string, argv []string, attr *syscall.ProcAttr, exited func(syscall.WaitStatus)) (pid int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pid, err = syscall.ForkExec(program, argv, attr)
	if err != nil {
		return 0, err
	}
	r.children[pid] = exited
	select {
	case r.wake <- syscall.SIGCHLD:
	default:
	}
	return pid, nil
}

// Signal sends sig to the process group led by child pid, and reports false when that child has been reaped already.
func (r *Reaper) Signal(pid int, sig syscall.Signal) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.children[pid]; !ok {
		return false, nil
	}
	err := unix.Kill(-pid, sig)
	if errors.Is(err, unix.ESRCH) {
		err = nil
	}
	return true, err
}

// Runs reports whether pid is a child started here and not reaped yet.
func (r *Reaper) Runs(pid int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.children[pid]
	return ok
}

// Reaped returns a channel that is closed when the next child, adopted ones included, has been reaped.
func (r *Reaper) Reaped() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reaped
}

func (r *Reaper) loop() {
	for {
		pid, err := ended()
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil: // ECHILD: nobody to wait for
			<-r.wake
		default:
			r.reap(pid)
		}
	}
}

func (r *Reaper) reap(pid int) {
	r.mu.Lock()
	var status syscall.WaitStatus
	got, err := syscall.Wait4(pid, &status, syscall.WNOHANG, nil)
	if err != nil || got != pid { // a failed execve: ForkExec has reaped it itself
		r.mu.Unlock()
		return
	}
	exited := r.children[pid]
	delete(r.children, pid)
	close(r.reaped)
	r.reaped = make(chan struct{})
	r.mu.Unlock()
	if exited != nil {
		exited(status)
	}
}

// ended blocks until some child has ended and returns its pid, leaving it a zombie.
func ended() (int, error) {
	var info unix.Siginfo
	if err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		return 0, err
	}
	// siginfo_t of SIGCHLD on 64-bit Linux: three ints and padding, then si_pid (sigaction(2)).
	return int(*(*int32)(unsafe.Add(unsafe.Pointer(&info), 16))), nil
}
