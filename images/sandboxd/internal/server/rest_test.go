package server

import (
	"os"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryThatCallsUsedIsGivenBackAfterTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRest()
		time.Sleep(restAfter - 1)
		used := make([]byte, 64<<20)
		for i := 0; i < len(used); i += 4096 {
			used[i] = 1
		}
		runtime.KeepAlive(used)
		r.called()
		before := resident(t)
		time.Sleep(restAfter - 1)
		synctest.Wait()
		if now := resident(t); now < before-8<<10 {
			t.Errorf("%d KiB before, %d among calls", before, now)
		}
		time.Sleep(1)
		synctest.Wait()
		if now := resident(t); now > before-32<<10 {
			t.Errorf("%d KiB before, %d at rest", before, now)
		}
	})
}

// resident is what of our memory that is no file is in RAM, KiB.
func resident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	kib, err := strconv.Atoi(string(regexp.MustCompile(`RssAnon:\s+(\d+) kB`).FindSubmatch(status)[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kib
}
