package configure

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

// written are the files of a configure: one there, one below folders that are not, a link, one in a folder, one given twice.
var written = []string{"kept", "made/deep/new", "link", "src/main", "made/other", "kept", "new"}

// dies is a body whose reader does not live longer than left bytes of it.
type dies struct {
	from io.Reader
	left int
}

func (d *dies) Read(bytes []byte) (int, error) {
	if d.left == 0 {
		panic("the pod dies here")
	}
	n, err := d.from.Read(bytes[:min(len(bytes), d.left)])
	d.left -= n
	return n, err
}

// must panics, as the death of a pod that a test did not mean to bring about.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestAfterADeathAtAnyStepTheNextStartPutsEverythingBack(t *testing.T) {
	all := len("new " + strings.Join(written, "new "))
	steps := map[string]func(*fixture){
		"before anything": func(f *fixture) { f.turn(f.again(), f.body(written...)) },
		"with some saved": func(f *fixture) {
			s := must(openStore(f.again().tree, true))
			must(s.save(written[:3]))
		},
		"with all saved": func(f *fixture) {
			s := must(openStore(f.again().tree, true))
			must(s.save(written))
		},
		"within the journal": func(f *fixture) {
			s := must(openStore(f.again().tree, true))
			must(s.save(written))
			f.write(journalNew, `{"version":1,"temporary":".agent`)
		},
		"with the journal": func(f *fixture) {
			s := must(openStore(f.again().tree, true))
			must(0, s.write(must(s.save(written))))
		},
		"with all in place": func(f *fixture) { f.placed() },
		"with all put back": func(f *fixture) {
			turn := f.placed()
			must(0, turn.store.undo(turn.journal))
		},
	}
	for n := range all {
		steps[fmt.Sprintf("after %d bytes", n)] = func(f *fixture) {
			turn, body := f.turn(f.again(), f.body(written...))
			defer func() { _ = recover() }()
			err := turn.Place(&dies{body, n})
			f.Fatalf("it lives, with %v", err)
		}
	}
	for n := range written {
		steps[fmt.Sprintf("with all but %d put back", n)] = func(f *fixture) {
			turn := f.placed()
			for i := len(written) - 1; i >= n; i-- {
				must(0, turn.store.putBack(turn.journal, i))
			}
		}
	}
	for name, die := range steps {
		t.Run(name, func(t *testing.T) {
			f := begin(t)
			before := f.tree(f.root)
			die(f)
			for range 2 { // and once more for a start that finds nothing to do
				f.again().Recover()
				f.same(f.root, before)
			}
			if len(f.warnings) > 0 {
				t.Errorf("warnings %q", f.warnings)
			}
			if err := f.configure(f.again(), written...); err != nil {
				t.Errorf("a configure afterwards: %v", err)
			}
		})
	}
}

func TestAfterADeathOnceTheJournalHasGoneTheFilesStay(t *testing.T) {
	f := begin(t)
	f.placed()
	if err := os.Remove(f.path(journalFile)); err != nil {
		t.Fatal(err)
	}
	f.again().Recover()
	f.holds(written...)
	if len(f.warnings) > 0 {
		t.Errorf("warnings %q", f.warnings)
	}
}

func TestFilesAreCopiedWhereTheVolumeHasNoSecondNames(t *testing.T) {
	f := begin(t)
	before := f.tree(f.root)
	s := must(openStore(f.again().tree, true))
	j := must(s.save([]string{"kept", "link"}))
	for i, name := range []string{"kept", "link"} {
		must(0, s.all.Root.Remove(saved(i)))
		must(0, s.copy(name, saved(i)))
		f.write("other", "new")
		must(0, s.all.Root.Rename("other", name))
		must(0, s.restoreCopy(saved(i), name, j.Temporary))
	}
	must(0, s.forget())
	s.leave()
	f.same(f.root, before)
}

func TestASecondNameKeepsALinkItself(t *testing.T) {
	f := begin(t)
	s := must(openStore(f.again().tree, true))
	must(s.save([]string{"link"}))
	if target, err := os.Readlink(f.path(saved(0))); err != nil || target != "/nowhere" {
		t.Errorf("%q, %v", target, err)
	}
}

// placed writes all files and neither keeps nor undoes them.
func (f *fixture) placed() *Turn {
	f.Helper()
	turn, body := f.turn(f.again(), f.body(written...))
	if err := turn.Place(body); err != nil {
		f.Fatal(err)
	}
	f.has(written...)
	return turn
}

// holds expects that files are new and nothing of ours is left.
func (f *fixture) holds(names ...string) {
	f.Helper()
	f.has(names...)
	if _, err := os.Lstat(f.path(topFolder)); !os.IsNotExist(err) {
		f.Errorf("%s is left: %v", topFolder, f.tree(f.path(topFolder)))
	}
}

func (f *fixture) has(names ...string) {
	f.Helper()
	for _, name := range names {
		if text, err := os.ReadFile(f.path(name)); err != nil || string(text) != "new "+name {
			f.Errorf("%s holds %q, %v", name, text, err)
		}
	}
}
