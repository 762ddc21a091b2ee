// Package registry keeps, for one boot of the host, which clusters exist: their name, folder and slot.
// It lives under /run, so that a reboot, which ends every cluster, empties it too.
package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
)

// DefaultRoot is where the registry of this host is kept. Only root may read it: it holds the control sockets.
const DefaultRoot = "/run/agenttier-cluster"

// ErrUnknown says that no cluster of that name is claimed.
var ErrUnknown = errors.New("no such cluster")

var namePattern = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,22}[a-z0-9])?$`)

// CheckName refuses names that cannot be part of a network namespace, a cgroup and a file name.
func CheckName(name string) error {
	if !namePattern.MatchString(name) {
		return fmt.Errorf("cluster name %q: expected 1 to 24 of a-z, 0-9 and '-', starting and ending with a letter or digit", name)
	}
	return nil
}

// Claim is what a cluster holds on this host.
type Claim struct {
	Name  string `json:"name"`
	Dir   string `json:"dir"`
	Slot  int    `json:"slot"`
	Nodes int    `json:"nodes"`
}

// Registry is a folder of claims.
type Registry struct{ Root string }

// Claims returns all claims.
func (r Registry) Claims() ([]Claim, error) {
	entries, err := os.ReadDir(r.Root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var claims []Claim
	for _, entry := range entries {
		name, isClaim := strings.CutSuffix(entry.Name(), ".json")
		if !isClaim {
			continue
		}
		claim, err := r.Claim(name)
		if err != nil {
			return nil, err
		}
		claims = append(claims, claim)
	}
	return claims, nil
}

// Claim returns the claim of one cluster, or ErrUnknown.
func (r Registry) Claim(name string) (Claim, error) {
	data, err := os.ReadFile(r.claimPath(name))
	if errors.Is(err, fs.ErrNotExist) {
		return Claim{}, fmt.Errorf("cluster %q: %w", name, ErrUnknown)
	}
	if err != nil {
		return Claim{}, err
	}
	var claim Claim
	if err := json.Unmarshal(data, &claim); err != nil {
		return Claim{}, fmt.Errorf("%s: %w", r.claimPath(name), err)
	}
	return claim, nil
}

// Put writes a claim; the caller holds the lock "slots".
func (r Registry) Put(claim Claim) error {
	data, err := json.Marshal(claim)
	if err != nil {
		return err
	}
	partial := filepath.Join(r.Root, claim.Name+".partial")
	if err := os.WriteFile(partial, data, 0o600); err != nil {
		return err
	}
	return os.Rename(partial, r.claimPath(claim.Name))
}

// Clear removes the locks of a cluster, and the registry itself when it was the last. The caller holds the cluster's lock.
func (r Registry) Clear(name string) error {
	if err := remove(r.lockPath(clusterLock(name))); err != nil {
		return err
	}
	release, err := r.LockSlots()
	if err != nil {
		return err
	}
	defer release()
	if claims, err := r.Claims(); err != nil || len(claims) > 0 {
		return err
	}
	if err := remove(r.lockPath("slots")); err != nil {
		return err
	}
	// Another cluster that is being made holds its lock here: then the folder stays.
	if err := os.Remove(r.Root); err != nil && !errors.Is(err, unix.ENOTEMPTY) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Drop removes a claim and the control sockets of its nodes; one that does not exist is no error.
func (r Registry) Drop(name string, nodes ...string) error {
	for _, node := range nodes {
		if err := remove(r.Socket(name, node)); err != nil {
			return err
		}
	}
	return remove(r.claimPath(name))
}

// Socket is the path of the control socket of a node: short, as a socket address holds 107 bytes.
func (r Registry) Socket(name, node string) string {
	return filepath.Join(r.Root, name+"-"+node+".sock")
}

func (r Registry) claimPath(name string) string { return filepath.Join(r.Root, name+".json") }

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
