package archive

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/files"
)

// Extracted is what came of an archive.
type Extracted struct {
	// Path of the folder.
	Path string `json:"path"`
	// Files that were put in place, links included.
	Files int64 `json:"files"`
	// Bytes of the files.
	Bytes int64 `json:"bytes"`
}

// modes of entries that have none.
const (
	plainFile   = 0o644
	plainFolder = 0o755
)

// Extract puts the entries of a tar, from body as it comes, into the folder. An entry that would be outside of it, on whatever way, is
// 400, and nothing of it is written; those before it stay. The same goes for a tar that cannot be read.
func Extract(ctx context.Context, folder *files.Subtree, format Format, body io.Reader) (Extracted, error) {
	source := &watched{ctx: ctx, from: body}
	var plain io.Reader = bufio.NewReaderSize(source, 64<<10)
	if format == TarGz {
		compressed, err := gzip.NewReader(plain)
		if err != nil {
			return Extracted{}, source.explain(format, err)
		}
		plain = compressed
	}
	plain = &watched{ctx: ctx, from: plain}
	p := newPlacer(folder)
	defer p.close()
	entries := tar.NewReader(plain)
	for {
		h, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = p.putTar(h, entries)
		}
		if err != nil {
			return Extracted{}, source.explain(format, err)
		}
	}
	if err := copyAll(io.Discard, plain, p.buffer); err != nil { // to the checksum at the end
		return Extracted{}, source.explain(format, err)
	}
	return p.done()
}

func (p *placer) done() (Extracted, error) {
	if err := p.finish(); err != nil {
		return Extracted{}, err
	}
	return Extracted{Path: p.folder.Shown(), Files: p.files, Bytes: p.bytes}, nil
}

func (p *placer) putTar(h *tar.Header, content io.Reader) error {
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	name, err := entryName(h.Name)
	if err != nil {
		return err
	}
	e := entry{name: name, mode: fs.FileMode(h.Mode).Perm(), modified: h.ModTime}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
		return p.putFile(e, content)
	case tar.TypeDir:
		return p.putFolder(e)
	case tar.TypeSymlink:
		return p.putLink(e, h.Linkname)
	case tar.TypeLink:
		source, err := entryName(h.Linkname)
		if err != nil {
			return fault.BadRequest("entry %.300q is a hard link out of the folder: %v", h.Name, err)
		}
		return p.putHardLink(e, source)
	}
	return fault.BadRequest("entry %.300q is of type %q: expected a file, a folder or a link; FIFOs and devices are not made", h.Name, h.Typeflag)
}

// ExtractZip puts the entries of a zip into the folder, by the rules of Extract.
func ExtractZip(ctx context.Context, folder *files.Subtree, archive io.ReaderAt, size int64) (Extracted, error) {
	p := newPlacer(folder)
	defer p.close()
	err := eachZip(archive, size, func(file *zip.File) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return p.putZip(ctx, file)
	})
	if err != nil {
		return Extracted{}, explain(Zip, err)
	}
	return p.done()
}

func (p *placer) putZip(ctx context.Context, file *zip.File) error {
	const encrypted = 1
	name, err := entryName(file.Name)
	if err != nil {
		return err
	}
	e := entry{name: name, mode: file.Mode().Perm(), modified: file.Modified}
	kind := file.Mode().Type()
	switch {
	case kind == fs.ModeDir:
		if e.mode == 0 {
			e.mode = plainFolder
		}
		return p.putFolder(e)
	case kind != 0 && kind != fs.ModeSymlink:
		return fault.BadRequest("entry %.300q is %s: expected a file, a folder or a link", file.Name, files.Kind(file.Mode()))
	case file.Flags&encrypted != 0:
		return fault.BadRequest("entry %.300q is encrypted, which is not supported", file.Name)
	}
	content, err := file.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	if kind == fs.ModeSymlink {
		target, err := io.ReadAll(io.LimitReader(content, maxName+1))
		if err != nil {
			return err
		}
		return p.putLink(e, string(target))
	}
	if file.ExternalAttrs == 0 { // the archive does not say
		e.mode = plainFile
	}
	return p.putFile(e, &watched{ctx: ctx, from: content})
}

// watched ends with ctx, and remembers why reading failed: what the source did is not the archive's fault.
type watched struct {
	ctx    context.Context
	from   io.Reader
	failed error
}

func (w *watched) Read(bytes []byte) (int, error) {
	err := w.ctx.Err()
	n := 0
	if err == nil {
		n, err = w.from.Read(bytes)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		w.failed = err
	}
	return n, err
}

func (w *watched) explain(format Format, err error) error {
	if w.failed != nil {
		return fmt.Errorf("the archive broke off: %w", w.failed)
	}
	return explain(format, err)
}

// explain turns an error of reading an archive into an answer; those of placing are answers already.
func explain(format Format, err error) error {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrClosed) {
		return err
	}
	return fault.BadRequest("the archive cannot be read as %s: %v", format, err)
}
