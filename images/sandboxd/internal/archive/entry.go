package archive

import (
	"io/fs"
	"strings"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
)

// Bounds of names, as the kernel has them.
const (
	maxName    = 4095
	maxSegment = 255
)

// entry is what an archive says of one thing in it.
type entry struct {
	// name is relative to the folder, clean; "." is the folder itself.
	name string
	mode fs.FileMode
	// modified is zero when the archive does not say.
	modified time.Time
}

// entryName is the clean form of a name in an archive. Text alone decides here: that no link is on the way is for the placer to see.
func entryName(raw string) (string, error) {
	switch {
	case raw == "":
		return "", fault.BadRequest("an entry of the archive has no name")
	case len(raw) > maxName:
		return "", fault.BadRequest("entry %.100q… has a name of %d bytes: at most %d", raw, len(raw), maxName)
	case strings.ContainsRune(raw, 0):
		return "", fault.BadRequest("entry %.300q has a NUL character in its name", raw)
	case raw[0] == '/':
		return "", fault.BadRequest("entry %.300q is absolute: names in an archive are relative to the folder", raw)
	}
	var segments []string
	for segment := range strings.SplitSeq(raw, "/") {
		switch {
		case segment == "" || segment == ".":
		case segment == "..":
			return "", fault.BadRequest("entry %.300q has a segment \"..\": names in an archive stay below the folder", raw)
		case len(segment) > maxSegment:
			return "", fault.BadRequest("entry %.100q… has a segment of %d bytes: at most %d", raw, len(segment), maxSegment)
		default:
			segments = append(segments, segment)
		}
	}
	if len(segments) == 0 {
		return ".", nil
	}
	return strings.Join(segments, "/"), nil
}

// checkTarget says why text cannot be what a symbolic link leads to. Where that lies does not matter: nothing is written through it.
func checkTarget(name, text string) error {
	if text == "" || len(text) > maxName || strings.ContainsRune(text, 0) {
		return fault.BadRequest("entry %.300q is a symbolic link to %.100q: expected 1 to %d bytes without NUL", name, text, maxName)
	}
	return nil
}
