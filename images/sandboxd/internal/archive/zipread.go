package archive

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// Bounds of how much of a zip's directory is in memory at a time.
const (
	groupRecords = 1000
	groupBytes   = 1 << 20
)

// eachZip calls visit for each file of a zip, in the order of its directory, of which only a part is in memory at a time.
func eachZip(archive io.ReaderAt, size int64, visit func(*zip.File) error) error {
	end, err := findZipEnd(archive, size)
	if err != nil {
		return err
	}
	directory := bufio.NewReaderSize(io.NewSectionReader(archive, int64(end.start), int64(end.length)), 64<<10)
	seen := uint64(0)
	for {
		group, records, err := nextGroup(directory)
		if err != nil {
			return err
		}
		if records == 0 {
			break
		}
		seen += records
		part := zipEnd{start: end.start, length: uint64(len(group)), records: records, base: end.base}
		view := &zipView{archive: archive, start: int64(end.start), tail: append(group, part.encode()...)}
		read, err := zip.NewReader(view, view.size())
		if err != nil {
			return err
		}
		for _, file := range read.File {
			if err := visit(file); err != nil {
				return err
			}
		}
	}
	if uint16(seen) != uint16(end.records) { // writers without zip64 count no further
		return errNoZip
	}
	return nil
}

// nextGroup reads the next records of a directory as they are; none at its end.
func nextGroup(directory *bufio.Reader) (group []byte, records uint64, err error) {
	for records < groupRecords && len(group) < groupBytes {
		head, err := directory.Peek(recordBytes)
		if errors.Is(err, io.EOF) {
			return group, records, nil // what is left is no record: the count tells whether one is missing
		}
		if err != nil {
			return nil, 0, err
		}
		if binary.LittleEndian.Uint32(head) != recordSignature {
			return group, records, nil
		}
		length := recordBytes
		for _, at := range []int{28, 30, 32} { // name, extra fields, comment
			length += int(binary.LittleEndian.Uint16(head[at:]))
		}
		begin := len(group)
		group = append(group, make([]byte, length)...)
		if _, err := io.ReadFull(directory, group[begin:]); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = errNoZip
			}
			return nil, 0, err
		}
		records++
	}
	return group, records, nil
}

// zipView is a zip up to start and, from there on, tail: a part of its directory, with an end of its own.
type zipView struct {
	archive io.ReaderAt
	start   int64
	tail    []byte
}

func (v *zipView) size() int64 { return v.start + int64(len(v.tail)) }

func (v *zipView) ReadAt(into []byte, offset int64) (n int, err error) {
	if offset < v.start {
		n, err = v.archive.ReadAt(into[:min(int64(len(into)), v.start-offset)], offset)
		if n == len(into) || offset+int64(n) < v.start {
			return n, err
		}
	}
	at := offset + int64(n) - v.start
	if at >= int64(len(v.tail)) {
		return n, io.EOF
	}
	more := copy(into[n:], v.tail[at:])
	if n += more; n < len(into) {
		return n, io.EOF
	}
	return n, nil
}
