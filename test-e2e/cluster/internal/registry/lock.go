package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// LockSlots keeps others from claiming a slot.
func (r Registry) LockSlots() (release func(), err error) { return r.lock("slots") }

// LockCluster keeps others from bringing this cluster up or down.
func (r Registry) LockCluster(name string) (release func(), err error) {
	return r.lock(clusterLock(name))
}

func clusterLock(name string) string { return "cluster-" + name }

// lock takes the lock called what, waiting for whoever holds it, and returns its release.
func (r Registry) lock(what string) (release func(), err error) {
	for {
		if err := os.MkdirAll(r.Root, 0o700); err != nil {
			return nil, fmt.Errorf("creating the cluster registry: %w", err)
		}
		release, err := LockFile(r.lockPath(what))
		// The last cluster that goes down takes the folder with it.
		if !errors.Is(err, fs.ErrNotExist) {
			return release, err
		}
	}
}

func (r Registry) lockPath(what string) string { return filepath.Join(r.Root, what+".lock") }

// LockFile takes an exclusive lock on a file, which it creates, and returns its release. The kernel drops the lock of a killed holder.
// A holder may remove the file: whoever waited for it then takes a new one.
func LockFile(path string) (release func(), err error) {
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_CLOEXEC, 0o600)
		if err != nil {
			return nil, err
		}
		current, err := lockCurrent(file)
		if err != nil {
			file.Close()
			return nil, fmt.Errorf("locking %s: %w", path, err)
		}
		if current {
			return func() { file.Close() }, nil
		}
		file.Close()
	}
}

// lockCurrent locks an open file and tells whether its name still means it.
func lockCurrent(file *os.File) (bool, error) {
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EINTR) {
			return false, err
		}
	}
	held, err := file.Stat()
	if err != nil {
		return false, err
	}
	named, err := os.Stat(file.Name())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(held, named), err
}
