package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// theBuilt is the program as it is shipped, without what tests and the race detector add, but for where it finds its files.
var theBuilt = sync.OnceValues(func() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	program, overlay := filepath.Join(scratch, "sandboxd"), filepath.Join(scratch, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(here, "place.go"): filepath.Join(here, "testdata", "place.go"),
	}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, text, 0o644); err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w", "-overlay", overlay, "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", build, err, output)
	}
	return program, nil
})

// beginBuilt starts the program as it is shipped by the words of launcher, and waits until it is ready.
func beginBuilt(t *testing.T, more map[string]any, launcher ...string) *daemon {
	t.Helper()
	program, err := theBuilt()
	if err != nil {
		t.Fatal(err)
	}
	d := beginAs(t, append(launcher, program, "serve"), nil, more)
	d.ready()
	return d
}

// eventually looks until it is so; it waits between two looks, since what it waits for needs the processor.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick, deadline := time.NewTicker(10*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("after 30 s still not: %s", what)
		}
	}
}
