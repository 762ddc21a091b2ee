// Package cgroups gives a cluster a cgroup of its own in every hierarchy, version 1, version 2 or both, and removes it with all below.
package cgroups

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Hierarchy is one mounted cgroup tree.
type Hierarchy struct {
	Path    string // where it is mounted, for example /sys/fs/cgroup/memory
	Unified bool   // version 2
	CPUSet  bool   // version 1 with the cpuset controller, whose new groups start without cpus and memory nodes
}

// Hierarchies reads the cgroup mounts of this process.
func Hierarchies() ([]Hierarchy, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return ParseMounts(file)
}

// ParseMounts reads the cgroup mounts from a mountinfo file; a mount that is seen twice counts once.
func ParseMounts(mountinfo io.Reader) ([]Hierarchy, error) {
	var found []Hierarchy
	lines := bufio.NewScanner(mountinfo)
	for lines.Scan() {
		before, after, ok := strings.Cut(lines.Text(), " - ")
		head, tail := strings.Fields(before), strings.Fields(after)
		if !ok || len(head) < 5 || len(tail) < 3 || !strings.HasPrefix(tail[0], "cgroup") {
			continue
		}
		hierarchy := Hierarchy{
			Path:    head[4],
			Unified: tail[0] == "cgroup2",
			CPUSet:  tail[0] == "cgroup" && slices.Contains(strings.Split(tail[2], ","), "cpuset"),
		}
		if !slices.Contains(found, hierarchy) {
			found = append(found, hierarchy)
		}
	}
	return found, lines.Err()
}

// VersionOne tells whether containers are governed by version 1: any hierarchy of it that carries a controller.
func VersionOne(hierarchies []Hierarchy) bool {
	return slices.ContainsFunc(hierarchies, func(h Hierarchy) bool { return h.CPUSet })
}

// Create makes the group, for example "agenttier-demo/node1", in every hierarchy. A group that exists stays as it is.
func Create(hierarchies []Hierarchy, group string) error {
	for _, hierarchy := range hierarchies {
		parent := hierarchy.Path
		for _, part := range strings.Split(group, "/") {
			if err := prepareParent(hierarchy, parent, VersionOne(hierarchies)); err != nil {
				return err
			}
			parent = filepath.Join(parent, part)
			if err := os.Mkdir(parent, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("creating cgroup: %w", err)
			}
			if hierarchy.CPUSet {
				if err := inheritCPUSet(parent); err != nil {
					return err
				}
			}
		}
		if err := prepareParent(hierarchy, parent, VersionOne(hierarchies)); err != nil {
			return err
		}
	}
	return nil
}

// prepareParent hands the controllers of a version 2 group on to its children. Beside version 1 the unified tree has none to hand on.
func prepareParent(hierarchy Hierarchy, group string, beside bool) error {
	if !hierarchy.Unified || beside {
		return nil
	}
	available, err := os.ReadFile(filepath.Join(group, "cgroup.controllers"))
	if err != nil {
		return err
	}
	for _, controller := range strings.Fields(string(available)) {
		err := os.WriteFile(filepath.Join(group, "cgroup.subtree_control"), []byte("+"+controller), 0o644)
		if err != nil {
			return fmt.Errorf("handing cgroup controller %q on below %s: %w (a group with processes of its own cannot: run the tool outside a container, "+
				"or move the processes into a child group)", controller, group, err)
		}
	}
	return nil
}

func inheritCPUSet(group string) error {
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		current, err := os.ReadFile(filepath.Join(group, file))
		if err != nil {
			return err
		}
		if strings.TrimSpace(string(current)) != "" {
			continue
		}
		inherited, err := os.ReadFile(filepath.Join(filepath.Dir(group), file))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(group, file), inherited, 0o644); err != nil {
			return fmt.Errorf("inheriting %s: %w", file, err)
		}
	}
	return nil
}

// Remove removes a group and all below it from every hierarchy. Groups of processes that are just dying are busy for a moment,
// so it tries again until the deadline.
func Remove(hierarchies []Hierarchy, group string, deadline time.Time) error {
	for _, hierarchy := range hierarchies {
		root := filepath.Join(hierarchy.Path, group)
		for {
			err := removeTree(root)
			if err == nil {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("removing cgroup: %w", err)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return nil
}

func removeTree(root string) error {
	groups, err := DepthFirst(os.DirFS(root))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, group := range groups {
		if err := os.Remove(filepath.Join(root, group)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// DepthFirst lists the folders of a tree, children before parents and "." last: the order in which cgroups can be removed.
func DepthFirst(tree fs.FS) ([]string, error) {
	var groups []string
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path != "." {
			return nil
		}
		if err != nil {
			return err
		}
		if entry.IsDir() {
			groups = append(groups, path)
		}
		return nil
	})
	slices.Reverse(groups)
	return groups, err
}
