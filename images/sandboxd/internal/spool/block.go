package spool

import "encoding/binary"

// Stream is one of the two that a process writes.
type Stream uint8

const (
	Stdout Stream = iota
	Stderr
)

// View is what an offset counts in: one stream, or both in order of arrival.
type View uint8

const (
	OnlyStdout View = iota
	OnlyStderr
	Combined
	views
)

// shows reports whether bytes of s are part of v.
func (v View) shows(s Stream) bool { return v == Combined || uint8(v) == uint8(s) }

// blockBytes is the size of a block and of a slot of the spool file.
const blockBytes = 64 << 10

// recordHeader precedes each run of bytes of one stream within a block: the stream in the top bit, the length below.
const recordHeader = 4

// position is an offset in each view at the same moment.
type position [views]int64

func (p *position) add(s Stream, n int) {
	p[s] += int64(n)
	p[Combined] += int64(n)
}

// block holds up to blockBytes of records. The order of the two streams is kept within, so memory for it is bounded even when a
// program writes single bytes in turns: such headers count as output.
type block struct {
	start, end position
	// data is nil once the block lies in slot of the spool file.
	data []byte
	slot int
	size int
	// last is where the header of the newest record stands; a run that goes on extends it.
	last int
}

// room says how many bytes of stream s can still be appended.
func (b *block) room(s Stream) int {
	free := blockBytes - len(b.data)
	if b.size > 0 && streamAt(b.data, b.last) == s {
		return free
	}
	return max(0, free-recordHeader)
}

// append adds bytes that fit into room.
func (b *block) append(s Stream, bytes []byte) {
	if b.size > 0 && streamAt(b.data, b.last) == s {
		putHeader(b.data[b.last:], s, lengthAt(b.data, b.last)+len(bytes))
	} else {
		b.last = len(b.data)
		b.data = append(b.data, 0, 0, 0, 0)
		putHeader(b.data[b.last:], s, len(bytes))
	}
	b.data = append(b.data, bytes...)
	b.size = len(b.data)
	b.end.add(s, len(bytes))
}

func putHeader(at []byte, s Stream, length int) {
	binary.BigEndian.PutUint32(at, uint32(s)<<31|uint32(length))
}

func streamAt(data []byte, at int) Stream { return Stream(binary.BigEndian.Uint32(data[at:]) >> 31) }

func lengthAt(data []byte, at int) int {
	return int(binary.BigEndian.Uint32(data[at:]) &^ (1 << 31))
}
