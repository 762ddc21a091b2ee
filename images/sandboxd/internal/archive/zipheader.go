package archive

import (
	"encoding/binary"
	"io/fs"
	"math"
	"time"
	"unicode/utf8"
)

// Signatures and lengths of the parts of a zip: APPNOTE 6.3.10, sections 4.3.7 to 4.3.16.
const (
	localSignature      = 0x04034b50
	descriptorSignature = 0x08074b50
	recordSignature     = 0x02014b50
	recordBytes         = 46
	end64Signature      = 0x06064b50
	end64Bytes          = 56
	locatorSignature    = 0x07064b50
	locatorBytes        = 20
	endSignature        = 0x06054b50
	endBytes            = 22
)

const (
	stored   = 0
	deflated = 8

	describedLater = 1 << 3
	nameIsUTF8     = 1 << 11

	version20 = 20
	version45 = 45 // zip64
	onUnix    = 3 << 8

	zip64Extra = 0x0001
	timeExtra  = 0x5455
)

// zipHeader is one entry of a zip. Sum and sizes are known once its content is written.
type zipHeader struct {
	name     string
	mode     fs.FileMode
	modified time.Time
	method   uint16
	// large says that sizes take 64 bits.
	large                    bool
	offset, size, compressed uint64
	sum                      uint32
}

// mayBeLarge says whether content of this size can need 64 bits, its own or, when it does not compress, that in the archive.
func mayBeLarge(size int64) bool { return size+size>>8 >= math.MaxUint32 }

func (h *zipHeader) flags() (flags uint16) {
	if h.method == deflated {
		flags |= describedLater
	}
	if utf8.ValidString(h.name) {
		flags |= nameIsUTF8
	}
	return flags
}

// local stands before the content. Sizes of what is stored are known by then.
func (h *zipHeader) local() []byte {
	b := binary.LittleEndian.AppendUint32(nil, localSignature)
	b = h.common(b)
	sizes := uint32(h.size) // of what is stored: links and folders
	extra := h.times()
	if h.large {
		sizes = math.MaxUint32
		extra = appendExtra(extra, zip64Extra, make([]byte, 16))
	}
	b = binary.LittleEndian.AppendUint32(b, h.sum)
	b = binary.LittleEndian.AppendUint32(b, sizes)
	b = binary.LittleEndian.AppendUint32(b, sizes)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(h.name)))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(extra)))
	return append(append(b, h.name...), extra...)
}

// descriptor stands after content that is deflated.
func (h *zipHeader) descriptor() []byte {
	b := binary.LittleEndian.AppendUint32(nil, descriptorSignature)
	b = binary.LittleEndian.AppendUint32(b, h.sum)
	if h.large {
		b = binary.LittleEndian.AppendUint64(b, h.compressed)
		return binary.LittleEndian.AppendUint64(b, h.size)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(h.compressed))
	return binary.LittleEndian.AppendUint32(b, uint32(h.size))
}

// record stands in the directory.
func (h *zipHeader) record() []byte {
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, 2*recordBytes+len(h.name)), recordSignature)
	b = binary.LittleEndian.AppendUint16(b, onUnix|version45)
	b = h.common(b)
	b = binary.LittleEndian.AppendUint32(b, h.sum)
	extra := h.times()
	size, compressed, offset := uint32(h.size), uint32(h.compressed), uint32(h.offset)
	if h.large || h.offset >= math.MaxUint32 {
		size, compressed, offset = math.MaxUint32, math.MaxUint32, math.MaxUint32
		var long []byte
		for _, value := range []uint64{h.size, h.compressed, h.offset} {
			long = binary.LittleEndian.AppendUint64(long, value)
		}
		extra = appendExtra(extra, zip64Extra, long)
	}
	b = binary.LittleEndian.AppendUint32(b, compressed)
	b = binary.LittleEndian.AppendUint32(b, size)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(h.name)))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(extra)))
	b = append(b, 0, 0, 0, 0, 0, 0) // no comment, first disk, no internal attributes
	b = binary.LittleEndian.AppendUint32(b, h.attributes())
	b = binary.LittleEndian.AppendUint32(b, offset)
	return append(append(b, h.name...), extra...)
}

// common are the fields from the version needed to the time, which local header and record share.
func (h *zipHeader) common(b []byte) []byte {
	needed := uint16(version20)
	if h.large {
		needed = version45
	}
	at := h.modified.UTC()
	if at.Year() < 1980 {
		at = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	clock := uint16(at.Second()/2 | at.Minute()<<5 | at.Hour()<<11)
	date := uint16(at.Day() | int(at.Month())<<5 | min(at.Year()-1980, 127)<<9)
	for _, field := range []uint16{needed, h.flags(), h.method, clock, date} {
		b = binary.LittleEndian.AppendUint16(b, field)
	}
	return b
}

// times is the time to the second and in UTC, where 32 bits can say it.
func (h *zipHeader) times() []byte {
	seconds := h.modified.Unix()
	if seconds != int64(int32(seconds)) {
		return nil
	}
	const modifiedOnly = 1
	return appendExtra(nil, timeExtra, binary.LittleEndian.AppendUint32([]byte{modifiedOnly}, uint32(seconds)))
}

func appendExtra(to []byte, kind uint16, content []byte) []byte {
	to = binary.LittleEndian.AppendUint16(to, kind)
	to = binary.LittleEndian.AppendUint16(to, uint16(len(content)))
	return append(to, content...)
}

func (h *zipHeader) attributes() uint32 {
	const file, link, folder, dosFolder = 0o100000, 0o120000, 0o040000, 0x10
	kind, more := uint32(file), uint32(0)
	switch h.mode.Type() {
	case fs.ModeSymlink:
		kind = link
	case fs.ModeDir:
		kind, more = folder, dosFolder
	}
	return (kind|uint32(h.mode.Perm()))<<16 | more
}
