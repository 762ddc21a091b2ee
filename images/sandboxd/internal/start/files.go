package start

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"agenttier.io/images/sandboxd/internal/plan"
)

const defaultMode = 0o644

// temporary is the name of a file being replaced, beside it.
const temporary = ".agenttier-new"

// putFile makes one file of the plan unless something of that path exists and is to stay. Below root it goes through os.Root: what an earlier pod
// left on the volume may be a link to anywhere.
func putFile(root string, file plan.File) error {
	if err := put(root, file); err != nil {
		return fmt.Errorf("file %s: %w", file.Path, err)
	}
	return nil
}

func put(root string, file plan.File) error {
	top, name := "/", strings.TrimPrefix(file.Path, "/")
	if below, ok := strings.CutPrefix(file.Path, strings.TrimSuffix(root, "/")+"/"); ok {
		top, name = root, below
	}
	folder, err := os.OpenRoot(top)
	if err != nil {
		return err
	}
	defer folder.Close()
	if _, err := folder.Lstat(name); err == nil {
		if !file.Replace {
			return nil
		}
		return replace(folder, name, file)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := folder.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	return create(folder, name, file)
}

// replace leaves the former file in place until the new one is whole.
func replace(folder *os.Root, name string, file plan.File) error {
	beside := path.Join(path.Dir(name), temporary)
	if err := folder.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := create(folder, beside, file); err != nil {
		return err
	}
	return folder.Rename(beside, name)
}

func create(folder *os.Root, name string, file plan.File) error {
	to, err := folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	err = fill(to, file)
	if err = errors.Join(err, to.Close()); err != nil {
		return errors.Join(err, folder.Remove(name)) // a rest would count as existing at the next start
	}
	return nil
}

func fill(to *os.File, file plan.File) error {
	mode := fs.FileMode(file.Mode)
	if mode == 0 {
		mode = defaultMode
	}
	if file.From == "" {
		if _, err := to.Write(file.ContentBase64); err != nil {
			return err
		}
		return to.Chmod(mode)
	}
	from, err := os.Open(file.From)
	if err != nil {
		return err
	}
	defer from.Close()
	if _, err := io.Copy(to, from); err != nil {
		return err
	}
	return to.Chmod(mode)
}
