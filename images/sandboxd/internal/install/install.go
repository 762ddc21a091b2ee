// Package install copies the running binary into a folder, for pods whose node cannot mount an image as a volume.
package install

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Name of the installed file.
const Name = "sandboxd"

// To copies the program that runs to dir/sandboxd, mode 0555. Readers see no file or the whole one; repeating it changes nothing.
func To(dir string) error {
	if err := copyTo(dir); err != nil {
		return fmt.Errorf("install to %s: %w", dir, err)
	}
	return nil
}

func copyTo(dir string) error {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer self.Close()
	file, err := os.CreateTemp(dir, "."+Name+"-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(file, self)
	if err == nil {
		err = file.Chmod(0o555)
	}
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(dir, Name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
