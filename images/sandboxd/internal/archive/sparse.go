package archive

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// sparseBlock is the unit in which zeros become a hole.
const sparseBlock = 64 << 10

var zeros [sparseBlock]byte

// copySparse copies content to an empty file and leaves holes for blocks of zeros. buffer has sparseBlock bytes.
func copySparse(to *os.File, content io.Reader, buffer []byte) (size int64, err error) {
	for {
		n, err := fill(buffer, content)
		if n > 0 && !bytes.Equal(buffer[:n], zeros[:n]) {
			if _, err := to.WriteAt(buffer[:n], size); err != nil {
				return size, err
			}
		}
		size += int64(n)
		switch {
		case errors.Is(err, io.EOF):
			return size, to.Truncate(size)
		case err != nil:
			return size, err
		}
	}
}

// fill reads until buffer is full. Unlike io.ReadFull it keeps an end apart from an archive that broke off, io.ErrUnexpectedEOF.
func fill(buffer []byte, from io.Reader) (n int, err error) {
	for n < len(buffer) && err == nil {
		var more int
		more, err = from.Read(buffer[n:])
		n += more
	}
	return n, err
}
