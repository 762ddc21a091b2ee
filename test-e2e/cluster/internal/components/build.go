package components

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"agenttier.io/test-e2e/cluster/internal/command"
)

const progressEvery = 15 * time.Second

// build compiles a group into folder, which appears only when it is complete.
func (c Cache) build(ctx context.Context, group Group, folder string) error {
	partial, err := os.MkdirTemp(c.groupsRoot(), "."+group.Name+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(partial)
	started := time.Now()
	fmt.Fprintf(c.Progress, "building %s\n", group.Name)
	for _, binary := range group.Binaries {
		if err := c.compile(ctx, group, binary, filepath.Join(partial, binary.Name), started); err != nil {
			return err
		}
	}
	// A CNI folder or a PATH entry is read by other users' programs as well: MkdirTemp's 0700 would hide it.
	if err := os.Chmod(partial, 0o755); err != nil {
		return err
	}
	if err := os.Rename(partial, folder); err != nil {
		return err
	}
	fmt.Fprintf(c.Progress, "built %s in %s\n", group.Name, time.Since(started).Round(time.Second))
	return nil
}

func (c Cache) compile(ctx context.Context, group Group, binary Binary, output string, started time.Time) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", group.Tags, "-ldflags", group.LDFlags, "-o", output, binary.Package)
	cmd.Dir = filepath.Join(c.Modules, group.Name)
	cgo := "0"
	if group.CGO {
		cgo = "1"
	}
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo, "GOFLAGS=-buildvcs=false", "GOWORK=off", "GOCACHE="+c.buildCache())
	var printed strings.Builder
	cmd.Stdout, cmd.Stderr = &printed, &printed

	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	done := make(chan error, 1)
	go func() { done <- cmd.Run() }()
	for {
		select {
		case err := <-done:
			if err != nil {
				return fmt.Errorf("building %s of component group %s: %w\n%s", binary.Name, group.Name, err, printed.String())
			}
			return nil
		case <-ticker.C:
			fmt.Fprintf(c.Progress, "building %s: %s, %s so far\n", group.Name, binary.Name, time.Since(started).Round(time.Second))
		}
	}
}

// checkLinker names what linking with C needs before minutes are spent on the other groups.
func checkLinker(ctx context.Context, missing []Group) error {
	for _, group := range missing {
		if !group.CGO {
			continue
		}
		for _, program := range []string{"gcc", "pkg-config"} {
			if _, err := exec.LookPath(program); err != nil {
				return fmt.Errorf("building %s needs %s: install the Debian packages gcc, libc6-dev, pkg-config and libseccomp-dev or their like", group.Name, program)
			}
		}
		if _, err := command.Output(ctx, "pkg-config", "--exists", "libseccomp"); err != nil {
			return fmt.Errorf("building %s needs the headers of libseccomp: install the Debian package libseccomp-dev or its like (%w)", group.Name, err)
		}
	}
	return nil
}
