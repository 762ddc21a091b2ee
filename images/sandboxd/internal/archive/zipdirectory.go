package archive

import (
	"bytes"
	"compress/flate"
	"io"

	"agenttier.io/images/sandboxd/internal/fault"
)

// maxDirectory bounds what is kept of a zip's directory until its end, compressed: for a million entries at the least, unless names are long.
const maxDirectory = 32 << 20

// zipDirectory gathers the directory of a zip, which stands at its end. In memory, so that a full volume can still be archived, and
// compressed: some 30 bytes an entry instead of 300.
type zipDirectory struct {
	records uint64
	blocks  blocks
	deflate *flate.Writer
}

func newZipDirectory() *zipDirectory {
	d := &zipDirectory{}
	d.deflate = fastDeflate(&d.blocks)
	return d
}

func (d *zipDirectory) add(h *zipHeader) error {
	d.records++
	_, err := d.deflate.Write(h.record())
	if err == nil && d.blocks.size > maxDirectory {
		err = fault.TooLarge("the directory of the zip takes more than %d bytes of memory, after %d entries: use tar.gz, which has none", maxDirectory, d.records)
	}
	return err
}

// copyTo gives the directory out. Nothing is added afterwards.
func (d *zipDirectory) copyTo(to io.Writer, buffer []byte) error {
	if err := d.deflate.Close(); err != nil {
		return err
	}
	return copyAll(to, flate.NewReader(d.blocks.reader()), buffer)
}

// blocks is a buffer that grows without being copied.
type blocks struct {
	all  [][]byte
	size int
}

const blockBytes = 64 << 10

func (b *blocks) Write(content []byte) (int, error) {
	n := len(content)
	for len(content) > 0 {
		last := len(b.all) - 1
		if last < 0 || len(b.all[last]) == blockBytes {
			b.all = append(b.all, make([]byte, 0, blockBytes))
			last++
		}
		fits := min(len(content), blockBytes-len(b.all[last]))
		b.all[last] = append(b.all[last], content[:fits]...)
		content = content[fits:]
	}
	b.size += n
	return n, nil
}

func (b *blocks) reader() io.Reader {
	readers := make([]io.Reader, len(b.all))
	for i, block := range b.all {
		readers[i] = bytes.NewReader(block)
	}
	return io.MultiReader(readers...)
}
