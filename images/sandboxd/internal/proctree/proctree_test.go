package proctree

import (
	"fmt"
	"testing"
)

func TestStatOfAHostileNameIsReadRight(t *testing.T) {
	for text, want := range map[string]entry{
		"7 (sh) S 1 7 7 0 -1":                {7, 1, 7, 7, false},
		"7 (a) S 9 9 9) Z 2 3 4 0 -1":        {7, 2, 3, 4, true},
		"7 ((sd-pam)) S 1 7 5 0 -1 4194560 ": {7, 1, 7, 5, false},
		"7 (new\nline) R 1 7 7":              {7, 1, 7, 7, false},
	} {
		if got, ok := parseStat(7, text); !ok || got != want {
			t.Errorf("%q: %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "7 (sh)", "7 (sh) S 1 7", "7 (sh) S x 7 7"} {
		if got, ok := parseStat(7, text); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestDescendantsOfMembersAreLivingMembersToo(t *testing.T) {
	entries := []entry{{10, 1, 10, 10, false}, {12, 11, 12, 12, false}, {11, 10, 10, 10, true}, {20, 1, 20, 20, false}}
	got := living(entries, map[int]bool{10: true})
	if len(got) != 2 || got[0] != 10 || got[1] != 12 {
		t.Errorf("living %v, expected 10 and 12: 11 is a zombie, 20 a stranger", got)
	}
}

// The name is chosen by the process.
func FuzzParseStatIsNotMisledByTheName(f *testing.F) {
	f.Add("sh", 1, 2, 3)
	f.Add("a) Z 1 1 1 (", 7, 8, 9)
	f.Add("\n)", 0, -1, 0)
	f.Fuzz(func(t *testing.T, name string, parent, group, session int) {
		e, ok := parseStat(5, fmt.Sprintf("5 (%s) S %d %d %d 0 -1 4194304", name, parent, group, session))
		if want := (entry{pid: 5, parent: parent, group: group, session: session}); !ok || e != want {
			t.Errorf("name %q: %+v, expected %+v", name, e, want)
		}
	})
}
