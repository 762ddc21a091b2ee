package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// folders makes and deletes the folders of volumes below one base folder.
type folders struct {
	base string // absolute and clean, as kubelet sees it
}

// openFolders makes the base folder if it is missing, for root alone.
func openFolders(base string) (folders, error) {
	if !filepath.IsAbs(base) {
		return folders{}, fmt.Errorf("base folder of volumes is %q; expected an absolute path", base)
	}
	if err := os.MkdirAll(base, 0o700); err != nil {
		return folders{}, fmt.Errorf("base folder of volumes: %w", err)
	}
	return folders{base: filepath.Clean(base)}, nil
}

func (f folders) path(name string) string { return filepath.Join(f.base, name) }

// create makes the folder name, writable for everyone, and leaves one that is there with its content.
func (f folders) create(name string) error {
	return f.in(name, func(root *os.Root) error {
		if err := root.Mkdir(name, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		made, err := root.Lstat(name)
		if err != nil {
			return err
		}
		if !made.IsDir() {
			return fmt.Errorf("%s is %s; expected a folder", f.path(name), made.Mode().Type())
		}
		return root.Chmod(name, 0o777) // Mkdir is subject to the umask
	})
}

// delete removes the folder name with all it holds; a missing one is no error.
func (f folders) delete(name string) error {
	return f.in(name, func(root *os.Root) error { return root.RemoveAll(name) })
}

// in opens the base folder for work on one folder right below it.
func (f folders) in(name string, work func(*os.Root) error) error {
	if name == "." || !filepath.IsLocal(name) || filepath.Base(name) != name {
		return fmt.Errorf("name of a volume's folder is %q; expected a single path element", name)
	}
	root, err := os.OpenRoot(f.base)
	if err != nil {
		return err
	}
	defer root.Close()
	return work(root)
}
