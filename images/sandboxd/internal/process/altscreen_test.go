package process

import (
	"bytes"
	"testing"
)

func TestSwitchesToTheAlternateScreenAreTakenOutAndNothingElse(t *testing.T) {
	for output, shown := range map[string]string{
		"plain":                          "plain",
		"a\x1b[?1049hb\x1b[?1049lc":      "abc",
		"\x1b[?47h\x1b[?1047l":           "",
		"\x1b[?1;1049;25h.":              "\x1b[?1;25h.",
		"\x1b[?25l\x1b[?2004h\x1b[1049h": "\x1b[?25l\x1b[?2004h\x1b[1049h",
		"\x1b\x1b[?1049h\x1b[31m":        "\x1b\x1b[31m",
		"\x1b[?1049$p":                   "\x1b[?1049$p",
		"\x1b[?10490h\x1b[?h":            "\x1b[?10490h\x1b[?h",
		"\x1b[?104":                      "\x1b[?104",
		"\x1b[?" + string(bytes.Repeat([]byte("1;"), 80)) + "1049h": "\x1b[?" + string(bytes.Repeat([]byte("1;"), 80)) + "1049h",
	} {
		for piece := 1; piece <= len(output); piece++ {
			var filter altScreen
			var got []byte
			for rest := []byte(output); len(rest) > 0; rest = rest[min(piece, len(rest)):] {
				got = append(got, filter.strip(rest[:min(piece, len(rest))])...)
			}
			got = append(got, filter.rest()...)
			if string(got) != shown {
				t.Errorf("%q in pieces of %d: shown %q, expected %q", output, piece, got, shown)
			}
		}
	}
}

func FuzzAltScreenShowsTheSameHoweverOutputIsCut(f *testing.F) {
	f.Add([]byte("a\x1b[?1049;25hb\x1b[?1"), uint8(3))
	f.Fuzz(func(t *testing.T, output []byte, cut uint8) {
		var whole, parts altScreen
		expected := append(bytes.Clone(whole.strip(output)), whole.rest()...)
		at := min(int(cut), len(output))
		got := append(bytes.Clone(parts.strip(output[:at])), parts.strip(output[at:])...)
		got = append(got, parts.rest()...)
		if !bytes.Equal(got, expected) {
			t.Errorf("cut at %d: %q, else %q", at, got, expected)
		}
	})
}
