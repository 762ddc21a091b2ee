package files

import (
	"container/heap"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
	"unicode/utf8"

	"agenttier.io/images/sandboxd/internal/fault"
	"golang.org/x/sys/unix"
)

// Bounds of one page of a list.
const (
	DefaultLimit = 1000
	MaxLimit     = 5000
	// pageBytes ends a page early: names and the targets of links together.
	pageBytes = 2 << 20
)

// Entry is one thing in a folder. A symbolic link shows as itself.
type Entry struct {
	Name string `json:"name"`
	// NameBase64 holds the bytes of a name that is not UTF-8; Name then shows U+FFFD for what is not.
	NameBase64 string `json:"nameBase64,omitempty"`
	Size       int64  `json:"size"`
	IsDir      bool   `json:"isDir"`
	Mode       string `json:"mode"`
	ModifiedAt string `json:"modifiedAt"`
	LinkTarget string `json:"linkTarget,omitempty"`
}

// Listing is one page, sorted by the bytes of the names.
type Listing struct {
	Path    string  `json:"path"`
	Entries []Entry `json:"entries"`
	// Continue asks for the next page; empty on the last.
	Continue string `json:"continue,omitempty"`
}

// File is an open regular file. The caller closes it.
type File struct {
	*os.File
	Info fs.FileInfo
	ETag string
	Mode string
}

// Open opens the regular file at path for reading. isDir is true, and no file returned, when it is a folder.
func (t *Tree) Open(path string) (file *File, isDir bool, err error) {
	root, name, err := t.open(path)
	if err != nil {
		return nil, false, err
	}
	defer root.Close()
	info, err := root.Stat(name)
	if err != nil {
		return nil, false, t.explain(name, err)
	}
	if info.IsDir() {
		return nil, true, nil
	}
	if err := t.regular(name, info); err != nil {
		return nil, false, err
	}
	opened, err := root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, false, t.explain(name, err)
	}
	info, err = opened.Stat() // it may have been replaced since
	if err == nil {
		err = t.regular(name, info)
	}
	if err != nil {
		opened.Close()
		return nil, false, t.explain(name, err)
	}
	return &File{File: opened, Info: info, ETag: etag(info), Mode: modeText(info)}, false, nil
}

// Stat describes what is at path; a symbolic link as itself.
func (t *Tree) Stat(path string) (Entry, error) {
	root, name, err := t.open(path)
	if err != nil {
		return Entry{}, err
	}
	defer root.Close()
	info, err := root.Lstat(name)
	if err != nil {
		return Entry{}, t.explain(name, err)
	}
	_, base := parent(name)
	return entryOf(base, info, func() (string, error) { return root.Readlink(name) }), nil
}

// List returns up to limit entries of the folder at path, after the page that gave the token from. Memory is bounded by limit,
// however many entries there are.
func (t *Tree) List(ctx context.Context, path string, limit int, from string) (Listing, error) {
	if limit < 1 || limit > MaxLimit {
		return Listing{}, fault.BadRequest("limit %d: expected 1 to %d", limit, MaxLimit)
	}
	after, err := base64.RawURLEncoding.DecodeString(from)
	if err != nil {
		return Listing{}, fault.BadRequest("continue %.100q: expected what the page before gave", from)
	}
	root, name, err := t.open(path)
	if err != nil {
		return Listing{}, err
	}
	defer root.Close()
	folder, err := root.OpenRoot(name)
	if err != nil {
		return Listing{}, t.explain(name, err)
	}
	defer folder.Close()
	names, more, err := smallest(ctx, folder, limit, string(after))
	if err != nil {
		return Listing{}, t.explain(name, err)
	}
	page := Listing{Path: t.shown(name), Entries: make([]Entry, 0, len(names))}
	bytes := 0
	for i, base := range names {
		if bytes > pageBytes {
			names, more = names[:i], true
			break
		}
		info, err := folder.Lstat(base)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed meanwhile
		}
		if err != nil {
			return Listing{}, t.explain(name, err)
		}
		entry := entryOf(base, info, func() (string, error) { return folder.Readlink(base) })
		bytes += len(entry.Name) + len(entry.LinkTarget)
		page.Entries = append(page.Entries, entry)
	}
	if more {
		page.Continue = base64.RawURLEncoding.EncodeToString([]byte(names[len(names)-1]))
	}
	return page, nil
}

// smallest returns the first limit names after the given one, sorted, and whether there are more.
func smallest(ctx context.Context, folder *os.Root, limit int, after string) (names []string, more bool, err error) {
	dir, err := folder.Open(".")
	if err != nil {
		return nil, false, err
	}
	defer dir.Close()
	var kept largestFirst
	for {
		batch, err := dir.Readdirnames(512)
		for _, name := range batch {
			switch {
			case name <= after && after != "":
			case len(kept) <= limit:
				heap.Push(&kept, name)
			case name < kept[0]:
				kept[0] = name
				heap.Fix(&kept, 0)
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, false, err
		}
	}
	names = kept
	slices.Sort(names)
	if len(names) > limit {
		return names[:limit], true, nil
	}
	return names, false, nil
}

// largestFirst is a heap of the smallest names so far.
type largestFirst []string

func (h largestFirst) Len() int           { return len(h) }
func (h largestFirst) Less(i, j int) bool { return h[i] > h[j] }
func (h largestFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *largestFirst) Push(name any)     { *h = append(*h, name.(string)) }
func (h *largestFirst) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func entryOf(name string, info fs.FileInfo, target func() (string, error)) Entry {
	e := Entry{Name: name, Size: info.Size(), IsDir: info.IsDir(), Mode: modeText(info), ModifiedAt: info.ModTime().UTC().Format(time.RFC3339Nano)}
	if !utf8.ValidString(name) {
		e.NameBase64 = base64.StdEncoding.EncodeToString([]byte(name))
	}
	if info.Mode().Type() == fs.ModeSymlink {
		e.LinkTarget, _ = target() // a link that is gone meanwhile shows without
	}
	return e
}
