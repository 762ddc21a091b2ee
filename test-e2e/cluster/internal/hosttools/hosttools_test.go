package hosttools

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestMissingToolsBecomePackagesOnce(t *testing.T) {
	missing := Missing(func(program string) (string, error) {
		if program == "mount" || program == "umount" || program == "nft" {
			return "", errors.New("not found")
		}
		return "/usr/bin/" + program, nil
	})
	if got, want := packages(missing, false), []string{"mount", "nftables"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := packages(nil, true); !slices.Contains(got, "libseccomp-dev") {
		t.Errorf("without libseccomp: %v", got)
	}
	if got, want := describe(missing, true), "nft, mount, umount, libseccomp"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDebianAndItsKinAreKnown(t *testing.T) {
	for text, want := range map[string]bool{
		"ID=debian\n":                           true,
		"NAME=x\nID=ubuntu\n":                   true,
		"ID=mint\nID_LIKE=\"ubuntu debian\"\n":  true,
		"ID=fedora\nID_LIKE=\"rhel centos\"\n":  false,
		"PRETTY_NAME=\"not debian\"\nID=alpine": false,
	} {
		path := filepath.Join(t.TempDir(), "os-release")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := debianLike(path); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if debianLike(filepath.Join(t.TempDir(), "none")) {
		t.Error("a host without os-release passed for Debian")
	}
}
