package archive

import (
	"fmt"
	"strings"
)

// maxLeftOut is how much text names what was left out: a zip's comment has 65,535 bytes.
const maxLeftOut = 48 << 10

// leftOut are the things that an archive does not have, or not as they were, and why.
type leftOut struct {
	text  strings.Builder
	count int
	cut   int
}

func (l *leftOut) note(name, why string) {
	l.count++
	line := fmt.Sprintf("%q: %s\n", name, why)
	if l.cut > 0 || l.text.Len()+len(line) > maxLeftOut {
		l.cut++
		return
	}
	l.text.WriteString(line)
}

// String is empty when there is nothing; else one line each, the name quoted as in Go.
func (l *leftOut) String() string {
	if l.count == 0 {
		return ""
	}
	text := fmt.Sprintf("Left out or incomplete: %d\n%s", l.count, l.text.String())
	if l.cut > 0 {
		text += fmt.Sprintf("and %d more\n", l.cut)
	}
	return text
}
