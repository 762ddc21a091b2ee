package configure

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const temporary = ".agenttier-0123456789abcdef"

func journalOf(entries string) string {
	return fmt.Sprintf(`{"version":1,"temporary":%q,"entries":[%s]}`, temporary, entries)
}

func (f *fixture) plant(name, text string) {
	f.Helper()
	if err := os.MkdirAll(f.path(ownFolder), 0o755); err != nil {
		f.Fatal(err)
	}
	f.write(name, text)
}

func TestAJournalThatIsNoneIsThrownAway(t *testing.T) {
	for name, text := range map[string]string{
		"empty":           "",
		"half":            `{"version":1,"temp`,
		"another value":   `[]`,
		"version":         `{"version":2}`,
		"temporary":       `{"version":1,"temporary":"kept","entries":[]}`,
		"temporary path":  `{"version":1,"temporary":"../.agenttier-0123456789abcdef","entries":[]}`,
		"above":           journalOf(`{"path":"../outside/canary","saved":false}`),
		"above by and by": journalOf(`{"path":"src/../../outside/canary","saved":false}`),
		"absolute":        journalOf(`{"path":"/etc/hostname","saved":false}`),
		"the root":        journalOf(`{"path":".","saved":true}`),
		"no path":         journalOf(`{"saved":false}`),
		"itself":          journalOf(`{"path":".agenttier/configure/journal","saved":false}`),
		"its folder":      journalOf(`{"path":".agenttier","saved":true}`),
		"too many":        journalOf(strings.Repeat(`{"path":"a"},`, maxFiles) + `{"path":"a"}`),
		"too large":       strings.Repeat(" ", maxJournal+1),
	} {
		t.Run(name, func(t *testing.T) {
			f := begin(t)
			outside, before := f.tree(f.outside), f.tree(f.root)
			f.plant(journalFile, text)
			f.plant(saved(0), "planted")
			f.again().Recover()
			f.same(f.outside, outside)
			f.same(f.root, before)
			if len(f.warnings) != 1 || !strings.Contains(f.warnings[0], "journal") {
				t.Errorf("warnings %q", f.warnings)
			}
			if err := f.configure(f.again(), written...); err != nil {
				t.Errorf("a configure afterwards: %v", err)
			}
		})
	}
}

func TestWhatStandsInThePlaceOfOurFilesIsNotFollowed(t *testing.T) {
	for name, plant := range map[string]func(*fixture) error{
		"a journal by a link": func(f *fixture) error {
			f.plant("../outside/journal", journalOf(`{"path":"kept","saved":false}`))
			return os.Symlink(f.outside+"/journal", f.path(journalFile))
		},
		"a journal by a relative link": func(f *fixture) error {
			f.plant("other", journalOf(`{"path":"kept","saved":false}`))
			return os.Symlink("../../other", f.path(journalFile))
		},
		"a FIFO as journal": func(f *fixture) error {
			f.fifo(journalFile)
			return nil
		},
		"a folder as journal": func(f *fixture) error { return os.MkdirAll(f.path(journalFile+"/in"), 0o755) },
		"links as all we make": func(f *fixture) error {
			for _, name := range []string{journalNew, saved(0), saved(1)} {
				if err := os.Symlink(f.outside+"/canary", f.path(name)); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := begin(t)
			f.plant("unused", "")
			if err := plant(f); err != nil {
				t.Fatal(err)
			}
			outside := f.tree(f.outside)
			if err := f.configure(f.again(), written...); err != nil {
				t.Errorf("a configure: %v", err)
			}
			f.holds(written...)
			f.same(f.outside, outside)
			f.plant("unused", "")
			if err := plant(f); err != nil {
				t.Fatal(err)
			}
			outside = f.tree(f.outside)
			f.again().Recover()
			f.holds(written...)
			f.same(f.outside, outside)
		})
	}
}

func TestOurFolderIsNoLinkToAnother(t *testing.T) {
	for name, plant := range map[string]func(*fixture) error{
		"out":       func(f *fixture) error { return os.Symlink(f.outside, f.path(topFolder)) },
		"inside":    func(f *fixture) error { return os.Symlink("src", f.path(topFolder)) },
		"deeper":    func(f *fixture) error { return os.Symlink("../src", f.path(ownFolder)) },
		"a file":    func(f *fixture) error { f.write(topFolder, "x"); return nil },
		"deep, out": func(f *fixture) error { return os.Symlink(f.outside, f.path(ownFolder)) },
	} {
		t.Run(name, func(t *testing.T) {
			f := begin(t)
			if strings.HasPrefix(name, "deep") {
				if err := os.Mkdir(f.path(topFolder), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := plant(f); err != nil {
				t.Fatal(err)
			}
			for _, folder := range []string{"src", "../outside"} {
				f.write(folder+"/journal", journalOf(`{"path":"kept","saved":false}`))
				f.write(folder+"/0", "x")
			}
			before, outside := f.tree(f.root), f.tree(f.outside)
			f.again().Recover()
			if len(f.warnings) != 1 {
				t.Errorf("warnings %q", f.warnings)
			}
			c := f.again()
			if err := f.configure(c, "kept"); status(err) != 409 || c.busy {
				t.Errorf("a configure: %v, busy %t", err, c.busy)
			}
			f.same(f.root, before)
			f.same(f.outside, outside)
		})
	}
}

func TestAJournalDoesNotLeadOutByLinksOfTheWorkspace(t *testing.T) {
	f := begin(t)
	if err := os.Symlink(f.outside, f.path("out")); err != nil {
		t.Fatal(err)
	}
	f.write("../outside/"+temporary, "x")
	f.plant(journalFile, journalOf(`{"path":"out/canary","saved":false},{"path":"out/new","saved":true},{"path":"out/deep/new","saved":true,"made":2},{"path":"victim","saved":true}`))
	f.plant(saved(1), "planted")
	f.plant(saved(2), "planted")
	if err := os.Symlink(f.outside+"/canary", f.path(saved(3))); err != nil {
		t.Fatal(err)
	}
	outside := f.tree(f.outside)
	f.again().Recover()
	f.same(f.outside, outside)
	if target, err := os.Readlink(f.path("victim")); err != nil || target != f.outside+"/canary" {
		t.Errorf("a saved link was not put back as itself: %q, %v", target, err)
	}
	if len(f.warnings) != 1 || !strings.Contains(f.warnings[0], "leads out of") {
		t.Errorf("warnings %q", f.warnings)
	}
	if err := f.configure(f.again(), "victim"); status(err) != 409 || !strings.Contains(err.Error(), "cannot be undone") {
		t.Errorf("a configure over what is not undone: %v", err)
	}
	f.same(f.outside, outside)
	if err := os.Remove(f.path("out")); err != nil {
		t.Fatal(err)
	}
	if err := f.configure(f.again(), "victim"); err != nil {
		t.Errorf("once the link has gone: %v", err)
	}
	f.same(f.outside, outside)
}

func TestAnInstallThatRemovesOurFolderIsNoFailure(t *testing.T) {
	f := begin(t)
	turn := f.placed()
	if err := os.RemoveAll(f.path(topFolder)); err != nil {
		t.Fatal(err)
	}
	if err := turn.Keep(); err != nil {
		t.Error(err)
	}
	f.holds(written...)
}
