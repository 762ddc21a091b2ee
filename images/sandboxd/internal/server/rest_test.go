package server

import (
	"runtime"
	"testing"
)

func TestMemoryThatWasUsedOnceIsGivenBack(t *testing.T) {
	used := make([]byte, 32<<20)
	runtime.KeepAlive(used)
	size := int64(len(used))
	used = nil
	before := held()
	r := &rest{}
	r.giveBack()
	if after := held(); before-after < size/2 {
		t.Errorf("the heap held %d bytes, and holds %d still", before, after)
	}
	if r.kept.Load() == 0 {
		t.Error("a heap that has not grown since would be collected again")
	}
}
