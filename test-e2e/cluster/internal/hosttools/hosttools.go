// Package hosttools looks for the programs that a cluster takes from the host, and installs them where it can.
package hosttools

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"agenttier.io/test-e2e/cluster/internal/command"
)

// Tool is a program of the host and the Debian package that brings it.
type Tool struct{ Program, Package string }

// Needed are the programs that a cluster runs, and those that build runc and the images loaded into it.
var Needed = []Tool{
	{"nft", "nftables"}, {"iptables", "iptables"}, {"conntrack", "conntrack"}, {"ip", "iproute2"},
	{"nsenter", "util-linux"}, {"unshare", "util-linux"}, {"mount", "mount"}, {"umount", "mount"},
	{"gcc", "gcc"}, {"pkg-config", "pkg-config"}, {"mmdebstrap", "mmdebstrap"}, {"buildah", "buildah"},
}

// libseccomp is a library: it is found by pkg-config, and a machine that has gcc may lack its libc headers.
var libraries = []string{"libseccomp-dev", "libc6-dev"}

// Missing returns the tools that find does not find.
func Missing(find func(program string) (string, error)) []Tool {
	var missing []Tool
	for _, tool := range Needed {
		if _, err := find(tool.Program); err != nil {
			missing = append(missing, tool)
		}
	}
	return missing
}

// Ensure installs missing tools on Debian and its kin; elsewhere, or without root, one error lists them all.
func Ensure(ctx context.Context, progress io.Writer) error {
	if os.Geteuid() != 0 {
		return errors.New("the local cluster makes network namespaces, mounts and cgroups: run it as root")
	}
	missing := Missing(exec.LookPath)
	_, seccomp := command.Output(ctx, "pkg-config", "--exists", "libseccomp")
	if len(missing) == 0 && seccomp == nil {
		return nil
	}
	packages := packages(missing, seccomp != nil)
	if !debianLike("/etc/os-release") {
		return fmt.Errorf("missing on this host: %s; install them by the packages that Debian calls %s", describe(missing, seccomp != nil), strings.Join(packages, " "))
	}
	fmt.Fprintf(progress, "installing %s\n", strings.Join(packages, " "))
	if err := install(ctx, packages); err != nil {
		return fmt.Errorf("missing on this host: %s: %w", describe(missing, seccomp != nil), err)
	}
	return nil
}

func install(ctx context.Context, packages []string) error {
	if _, err := command.Output(ctx, "apt-get", "-q", "update"); err != nil {
		return err
	}
	argv := append([]string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "--no-install-recommends", "install"}, packages...)
	_, err := command.Output(ctx, argv...)
	return err
}

func packages(missing []Tool, withLibraries bool) []string {
	var names []string
	for _, tool := range missing {
		names = append(names, tool.Package)
	}
	if withLibraries {
		names = append(names, libraries...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func describe(missing []Tool, seccomp bool) string {
	var names []string
	for _, tool := range missing {
		names = append(names, tool.Program)
	}
	if seccomp {
		names = append(names, "libseccomp")
	}
	return strings.Join(names, ", ")
}

func debianLike(osRelease string) bool {
	file, err := os.Open(osRelease)
	if err != nil {
		return false
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		if key != "ID" && key != "ID_LIKE" {
			continue
		}
		for _, id := range strings.Fields(strings.Trim(value, `"`)) {
			if id == "debian" || id == "ubuntu" {
				return true
			}
		}
	}
	return false
}
