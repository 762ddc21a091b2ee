package components

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
)

// Key names the cache folder of a group, for example "etcd-1f3a5c7e9b2d4f60". It covers the module's files (go.mod and go.sum pin every
// dependency), the build flags and the Go version with its platform, for example "go1.26.8 linux/amd64".
func Key(group Group, module fs.FS, goVersion string) (string, error) {
	hash := sha256.New()
	// %q keeps the parts apart: no value can run into the next one.
	fmt.Fprintf(hash, "%q %q %q %v %q\n", group.Name, group.LDFlags, group.Tags, group.CGO, goVersion)
	for _, binary := range group.Binaries {
		fmt.Fprintf(hash, "%q %q\n", binary.Name, binary.Package)
	}
	err := fs.WalkDir(module, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(module, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(hash, "%q %q\n", path, content)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("reading component module %s: %w", group.Name, err)
	}
	return group.Name + "-" + hex.EncodeToString(hash.Sum(nil))[:16], nil
}
