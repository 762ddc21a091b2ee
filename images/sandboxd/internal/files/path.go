package files

import (
	"strings"

	"agenttier.io/images/sandboxd/internal/fault"
)

// maxPath is the kernel's PATH_MAX.
const maxPath = 4096

// relative turns a path of a call, absolute below root or relative to it, into one relative to root; "." is root itself. Text alone
// decides here; that no link leads out is os.Root's part.
func relative(root, path string) (string, error) {
	switch {
	case len(path) >= maxPath:
		return "", fault.BadRequest("path of %d bytes: at most %d", len(path), maxPath-1)
	case strings.ContainsRune(path, 0):
		return "", fault.BadRequest("path holds a NUL character")
	}
	rest := path
	if strings.HasPrefix(path, "/") {
		below, ok := strings.CutPrefix(path, strings.TrimSuffix(root, "/"))
		if !ok || below != "" && below[0] != '/' {
			return "", fault.BadRequest("path %.200q is outside of %s: give one below it, or relative to it", path, root)
		}
		rest = below
	}
	var segments []string
	for segment := range strings.SplitSeq(rest, "/") {
		switch segment {
		case "", ".":
		case "..":
			return "", fault.BadRequest("path %.200q has a segment \"..\": give it without", path)
		default:
			segments = append(segments, segment)
		}
	}
	if len(segments) == 0 {
		return ".", nil
	}
	return strings.Join(segments, "/"), nil
}

// parent is the folder of a relative path and its last segment.
func parent(path string) (dir, base string) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return ".", path
}
