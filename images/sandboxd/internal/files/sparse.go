package files

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// SparseBlock is the unit in which zeros become a hole.
const SparseBlock = 64 << 10

var zeros [SparseBlock]byte

// CopySparse copies content to a file that ends at offset, and leaves holes for blocks of zeros. buffer has SparseBlock bytes. size counts
// what was copied.
func CopySparse(to *os.File, content io.Reader, offset int64, buffer []byte) (size int64, err error) {
	hole := false
	for {
		n, err := fill(buffer, content)
		if n > 0 {
			if hole = bytes.Equal(buffer[:n], zeros[:n]); !hole {
				if _, err := to.WriteAt(buffer[:n], offset+size); err != nil {
					return size, err
				}
			}
			size += int64(n)
		}
		switch {
		case errors.Is(err, io.EOF) && hole:
			return size, to.Truncate(offset + size)
		case errors.Is(err, io.EOF):
			return size, nil
		case err != nil:
			return size, err
		}
	}
}

// fill reads until buffer is full. Unlike io.ReadFull it keeps an end apart from content that broke off, io.ErrUnexpectedEOF.
func fill(buffer []byte, from io.Reader) (n int, err error) {
	for n < len(buffer) && err == nil {
		var more int
		more, err = from.Read(buffer[n:])
		n += more
	}
	return n, err
}
