package components

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"agenttier.io/test-e2e/cluster/internal/command"
	"agenttier.io/test-e2e/cluster/internal/registry"
)

// Cache is the folder that holds what was built.
type Cache struct {
	Root     string    // for example ~/.cache/agenttier
	Modules  string    // test-e2e/cluster/components of the repository
	Progress io.Writer // one line for each step and while a long one lasts
}

// DefaultRoot is $AGENTTIER_CACHE, else $XDG_CACHE_HOME/agenttier, else ~/.cache/agenttier.
func DefaultRoot() (string, error) {
	if root := os.Getenv("AGENTTIER_CACHE"); root != "" {
		return filepath.Abs(root)
	}
	root, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache folder (set AGENTTIER_CACHE): %w", err)
	}
	return filepath.Join(root, "agenttier"), nil
}

// Binaries are the folders of built groups by the group's name.
type Binaries map[string]string

// Path is the file of a program of a group.
func (b Binaries) Path(group, program string) string { return filepath.Join(b[group], program) }

// Ensure builds what is missing of the groups. Two callers at once build once: the second waits. When every group of a cluster is there,
// the build cache, several GB by then, is removed.
func (c Cache) Ensure(ctx context.Context, groups []Group) (Binaries, error) {
	goVersion, err := goVersion(ctx, c.Modules)
	if err != nil {
		return nil, err
	}
	built, missing, err := c.look(groups, goVersion)
	if err != nil || len(missing) == 0 {
		return built, err
	}
	if err := os.MkdirAll(c.groupsRoot(), 0o755); err != nil {
		return nil, err
	}
	var names []string
	for _, group := range missing {
		names = append(names, group.Name)
	}
	fmt.Fprintf(c.Progress, "components to build: %s; a build by another run is waited for\n", strings.Join(names, ", "))
	release, err := registry.LockFile(filepath.Join(c.groupsRoot(), "lock"))
	if err != nil {
		return nil, err
	}
	defer release()
	built, missing, err = c.look(groups, goVersion)
	if err != nil || len(missing) == 0 {
		return built, err
	}
	if err := c.checkDisk(missing); err != nil {
		return nil, err
	}
	if err := checkLinker(ctx, missing); err != nil {
		return nil, err
	}
	for _, group := range missing {
		if err := c.build(ctx, group, built[group.Name]); err != nil {
			return nil, err
		}
	}
	return built, c.dropBuildCache(goVersion)
}

func (c Cache) groupsRoot() string { return filepath.Join(c.Root, "components") }
func (c Cache) buildCache() string { return filepath.Join(c.Root, "gocache") }

// look returns the folders of all groups, and the groups whose folder does not exist yet.
func (c Cache) look(groups []Group, goVersion string) (Binaries, []Group, error) {
	folders := Binaries{}
	var missing []Group
	for _, group := range groups {
		key, err := Key(group, os.DirFS(filepath.Join(c.Modules, group.Name)), goVersion)
		if err != nil {
			return nil, nil, err
		}
		folders[group.Name] = filepath.Join(c.groupsRoot(), key)
		if _, err := os.Stat(folders[group.Name]); err != nil {
			missing = append(missing, group)
		}
	}
	return folders, missing, nil
}

func (c Cache) dropBuildCache(goVersion string) error {
	_, missing, err := c.look(ForCluster(), goVersion)
	if err != nil || len(missing) > 0 {
		return err
	}
	if err := os.RemoveAll(c.buildCache()); err != nil {
		return fmt.Errorf("removing the build cache: %w", err)
	}
	return nil
}

func (c Cache) checkDisk(missing []Group) error {
	var needed int
	for _, group := range missing {
		needed += group.DiskMB
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(c.Root, &disk); err != nil {
		return fmt.Errorf("asking for free disk space of %s: %w", c.Root, err)
	}
	free := int(disk.Bavail * uint64(disk.Bsize) >> 20)
	if free < needed {
		return fmt.Errorf("%s has %d MB free, and compiling the missing components takes about %d MB: free some space or set AGENTTIER_CACHE to a folder on a larger disk",
			c.Root, free, needed)
	}
	return nil
}

func goVersion(ctx context.Context, modules string) (string, error) {
	// The kubernetes module asks for the newest Go of all, so its answer counts a toolchain that go would switch to.
	out, err := command.Output(ctx, "go", "-C", filepath.Join(modules, "kubernetes"), "version")
	if err != nil {
		return "", fmt.Errorf("asking for the version of Go: %w", err)
	}
	return out, nil
}
