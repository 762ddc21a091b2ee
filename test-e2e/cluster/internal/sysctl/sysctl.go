// Package sysctl remembers the kernel settings of the host that a kubelet changes, so that the last cluster can put them back.
package sysctl

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Changed are the settings that the kubelet sets when it starts (its setupKernelTunables); none is bound to a namespace.
var Changed = []string{
	"vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes",
}

// Save writes the present values to path unless an earlier cluster has done so. tree is /proc/sys.
func Save(tree, path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	values := map[string]string{}
	for _, name := range Changed {
		value, err := os.ReadFile(filepath.Join(tree, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		values[name] = strings.TrimSpace(string(value))
	}
	data, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// Restore puts the saved values back and removes the file; without a file there is nothing to do.
func Restore(tree, path string) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var values map[string]string
	if err := json.Unmarshal(data, &values); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, name := range Changed {
		value, saved := values[name]
		if !saved {
			continue
		}
		if err := os.WriteFile(filepath.Join(tree, name), []byte(value), 0o644); err != nil {
			return fmt.Errorf("restoring %s to %s: %w", name, value, err)
		}
	}
	return os.Remove(path)
}
