package archive

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
)

var errNoZip = errors.New("not a valid zip file: its directory is missing or damaged")

// zipEnd says where the directory of a zip is.
type zipEnd struct {
	// start of the directory, and its length.
	start, length uint64
	records       uint64
	// base is what offsets in the directory lack, where something stands before the zip.
	base    uint64
	comment string
}

// encode makes what follows the directory.
func (e zipEnd) encode() []byte {
	offset := e.start - e.base
	var b []byte
	records, length, short := uint16(min(e.records, math.MaxUint16)), uint32(min(e.length, math.MaxUint32)), uint32(min(offset, math.MaxUint32))
	if records == math.MaxUint16 || length == math.MaxUint32 || short == math.MaxUint32 {
		b = binary.LittleEndian.AppendUint32(b, end64Signature)
		b = binary.LittleEndian.AppendUint64(b, end64Bytes-12)
		b = binary.LittleEndian.AppendUint16(b, onUnix|version45)
		b = binary.LittleEndian.AppendUint16(b, version45)
		b = append(b, make([]byte, 8)...) // disks
		for _, field := range []uint64{e.records, e.records, e.length, offset} {
			b = binary.LittleEndian.AppendUint64(b, field)
		}
		b = binary.LittleEndian.AppendUint32(b, locatorSignature)
		b = append(b, make([]byte, 4)...) // disk
		b = binary.LittleEndian.AppendUint64(b, e.start+e.length)
		b = binary.LittleEndian.AppendUint32(b, 1)
		records, length, short = math.MaxUint16, math.MaxUint32, math.MaxUint32
	}
	b = binary.LittleEndian.AppendUint32(b, endSignature)
	b = append(b, make([]byte, 4)...) // disks
	b = binary.LittleEndian.AppendUint16(b, records)
	b = binary.LittleEndian.AppendUint16(b, records)
	b = binary.LittleEndian.AppendUint32(b, length)
	b = binary.LittleEndian.AppendUint32(b, short)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(e.comment)))
	return append(b, e.comment...)
}

// findZipEnd reads the end of a zip of size bytes, without its comment.
func findZipEnd(from io.ReaderAt, size int64) (zipEnd, error) {
	tail := make([]byte, min(size, endBytes+math.MaxUint16))
	if err := readFull(from, tail, size-int64(len(tail))); err != nil {
		return zipEnd{}, err
	}
	i := lastEnd(tail)
	if i < 0 {
		return zipEnd{}, errNoZip
	}
	position := uint64(size) - uint64(len(tail)-i)
	b := tail[i:]
	records, length, offset := uint64(binary.LittleEndian.Uint16(b[10:])), uint64(binary.LittleEndian.Uint32(b[12:])), uint64(binary.LittleEndian.Uint32(b[16:]))
	if records == math.MaxUint16 || length == math.MaxUint32 || offset == math.MaxUint32 {
		long, at, err := findEnd64(from, position)
		if err != nil {
			return zipEnd{}, err
		}
		if long != nil {
			position = at
			records, length, offset = binary.LittleEndian.Uint64(long[32:]), binary.LittleEndian.Uint64(long[40:]), binary.LittleEndian.Uint64(long[48:])
		}
	}
	if length > position || offset > position-length {
		return zipEnd{}, errNoZip
	}
	end := zipEnd{start: position - length, length: length, records: records, base: position - length - offset}
	if end.base > 0 && isRecord(from, offset) { // something stands behind the directory, not before the zip
		end.start, end.base = offset, 0
	}
	return end, nil
}

func isRecord(from io.ReaderAt, offset uint64) bool {
	var signature [4]byte
	return readFull(from, signature[:], int64(offset)) == nil && binary.LittleEndian.Uint32(signature[:]) == recordSignature
}

// lastEnd is the index of the last end record whose comment has room; −1 for none.
func lastEnd(tail []byte) int {
	signature := binary.LittleEndian.AppendUint32(nil, endSignature)
	for end := len(tail); ; {
		i := bytes.LastIndex(tail[:end], signature)
		if i < 0 {
			return -1
		}
		if len(tail)-i >= endBytes && len(tail)-i-endBytes >= int(binary.LittleEndian.Uint16(tail[i+20:])) {
			return i
		}
		end = i + len(signature) - 1
	}
}

// findEnd64 reads the longer end record, if there is one before the end record at position.
func findEnd64(from io.ReaderAt, position uint64) (record []byte, at uint64, err error) {
	if position < locatorBytes {
		return nil, 0, nil
	}
	locator := make([]byte, locatorBytes)
	if err := readFull(from, locator, int64(position-locatorBytes)); err != nil {
		return nil, 0, err
	}
	if binary.LittleEndian.Uint32(locator) != locatorSignature {
		return nil, 0, nil
	}
	at = binary.LittleEndian.Uint64(locator[8:])
	if at > position {
		return nil, 0, errNoZip
	}
	record = make([]byte, end64Bytes)
	if err := readFull(from, record, int64(at)); err != nil {
		return nil, 0, err
	}
	if binary.LittleEndian.Uint32(record) != end64Signature {
		return nil, 0, errNoZip
	}
	return record, at, nil
}

func readFull(from io.ReaderAt, into []byte, offset int64) error {
	n, err := from.ReadAt(into, offset)
	if n == len(into) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return errNoZip
	}
	return err
}
