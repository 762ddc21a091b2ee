package registry

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestClaimIsFoundUntilItIsDropped(t *testing.T) {
	r := Registry{Root: t.TempDir()}
	if _, err := r.Claim("one"); !errors.Is(err, ErrUnknown) {
		t.Fatalf("unknown cluster: %v", err)
	}
	claim := Claim{Name: "one", Dir: "/somewhere", Slot: 3, Nodes: 2}
	if err := r.Put(claim); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.Socket("one", "node1"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if all, err := r.Claims(); err != nil || len(all) != 1 || all[0] != claim {
		t.Fatalf("claims %v, %v", all, err)
	}
	if err := r.Drop("one", "node1", "node2"); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(r.Root); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if err := r.Drop("one", "node1"); err != nil {
		t.Errorf("dropping twice: %v", err)
	}
}

func TestRegistryOfANewHostHasNoClaims(t *testing.T) {
	if all, err := (Registry{Root: t.TempDir() + "/none"}).Claims(); err != nil || all != nil {
		t.Errorf("claims %v, %v", all, err)
	}
}

func TestLockIsExclusiveAndCanBeTakenAgain(t *testing.T) {
	r := Registry{Root: t.TempDir()}
	release, err := r.LockSlots()
	if err != nil {
		t.Fatal(err)
	}
	taken := make(chan func())
	go func() {
		second, err := r.LockSlots()
		if err != nil {
			t.Error(err)
		}
		taken <- second
	}()
	select {
	case <-taken:
		t.Fatal("two holders of one lock")
	default:
	}
	release()
	(<-taken)()
}

func TestLastClusterLeavesNoRegistry(t *testing.T) {
	r := Registry{Root: filepath.Join(t.TempDir(), "registry")}
	release, err := r.LockCluster("one")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Put(Claim{Name: "two"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Clear("one"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Claim("two"); err != nil {
		t.Errorf("the other cluster was forgotten: %v", err)
	}
	release()
	release, err = r.LockCluster("two")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := errors.Join(r.Drop("two"), r.Clear("two")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(r.Root); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the registry is still there: %v", err)
	}
}

func TestWhoWaitedForARemovedLockGetsANewOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	old, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if current, err := lockCurrent(old); err != nil || current {
		t.Errorf("a lock that nobody else can find was taken: %v", err)
	}
	release, err := LockFile(path)
	if err != nil {
		t.Fatal(err)
	}
	release()
}

func TestClusterNames(t *testing.T) {
	for name, good := range map[string]bool{
		"agenttier": true, "a": true, "a-1": true, "a23456789012345678901234": true,
		"": false, "-a": false, "a-": false, "A": false, "a/b": false, "..": false, "a b": false, "a2345678901234567890123456": false,
	} {
		if err := CheckName(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
}
