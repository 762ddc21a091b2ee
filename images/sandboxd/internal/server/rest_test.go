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
	r.kept.Store(2 * before)
	r.giveBack()
	if after := held(); before-after < size/2 {
		t.Errorf("the heap held %d bytes, and holds %d still", before, after)
	}
	if kept := r.kept.Load(); kept >= before {
		t.Errorf("%d bytes count as kept: a heap that has not changed since would be collected again", kept)
	}
}
