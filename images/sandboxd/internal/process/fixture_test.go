package process

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/clock"
	"agenttier.io/images/sandboxd/internal/clock/clocktest"
	"agenttier.io/images/sandboxd/internal/oom"
	"agenttier.io/images/sandboxd/internal/proctree"
	"agenttier.io/images/sandboxd/internal/reaper"
	"agenttier.io/images/sandboxd/internal/spool"
)

const incarnation = "0a1b2c3d"

var theReaper *reaper.Reaper

func TestMain(m *testing.M) {
	var err error
	if theReaper, err = reaper.New(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// newTable makes a table whose processes are real and whose time is that of c.
func newTable(t *testing.T, c clock.Clock, kills func() (int64, bool)) *Table {
	t.Helper()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	output := spool.New(t.TempDir(), 16<<20, func(err error) { t.Error(err) })
	table := NewTable(&Host{
		Incarnation: incarnation, WorkingDir: t.TempDir(), Env: os.Environ(), DisconnectGrace: 10 * time.Second, Clock: c,
		Reaper: theReaper, Spool: output, OOM: oom.NewLedger(kills), Null: null,
	})
	t.Cleanup(func() {
		for _, p := range table.List() {
			_ = p.Signal(syscall.SIGKILL) // not Cancel: a clock that stands still would never send KILL
			<-p.Done()
		}
		output.Close()
		null.Close()
	})
	return table
}

func noKills() (int64, bool) { return 0, true }

func stopped() *clocktest.Fake { return clocktest.New(time.Unix(1_800_000_000, 0)) }

// start runs a script whose first line of output says that it is under way, and waits for that line.
func start(t *testing.T, table *Table, request Request) (*Process, func()) {
	t.Helper()
	request.Class = "exec"
	if err := request.Check(); err != nil {
		t.Fatal(err)
	}
	p, release, _, err := table.Start(&request, Start{By: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	await(t, p, "\n")
	return p, release
}

// await returns once the output holds text, or the process has ended.
func await(t *testing.T, p *Process, text string) string {
	t.Helper()
	r := p.Output.Read(spool.Combined, 0)
	defer r.Close()
	var got []byte
	for !strings.Contains(string(got), text) {
		chunk, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		switch chunk.Kind {
		case spool.End:
			return string(got)
		case spool.Nothing:
			<-r.Changed()
		default:
			got = append(got, chunk.Bytes...)
		}
	}
	return string(got)
}

// members are the living processes of the tree.
func members(t *testing.T, p *Process) []int {
	t.Helper()
	pids, err := proctree.Tree{ID: p.ID, Leader: p.pid}.Members()
	if err != nil {
		t.Fatal(err)
	}
	return pids
}
