package local

import (
	"testing"

	"agenttier.io/test-e2e/cluster/internal/components"
	"agenttier.io/test-e2e/cluster/internal/render"
	"agenttier.io/test-e2e/cluster/internal/subnet"
)

func testLayout(t *testing.T) render.Cluster {
	t.Helper()
	plan, err := subnet.ForSlot(0)
	if err != nil {
		t.Fatal(err)
	}
	return render.Cluster{Name: "demo", Dir: t.TempDir(), Nodes: 2, Networks: plan, Binaries: components.Binaries{}}
}
