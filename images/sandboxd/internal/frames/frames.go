// Package frames writes and reads the stream of protocol §5: type (1 byte), length of the payload (4 bytes, big endian), payload.
package frames

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ContentType of a stream of frames.
const ContentType = "application/vnd.agenttier.frames"

// MaxPayload bounds one frame.
const MaxPayload = 1 << 20

// Types of frames.
const (
	Stdout    = 'o'
	Stderr    = 'e'
	Event     = 'j'
	Keepalive = 'k'
)

const (
	headerBytes = 5
	offsetBytes = 8
)

// Types of frames that only a client sends, in an attach (protocol §8). Output writes the first two: CloseInput has no bytes after its
// offset.
const (
	Input      = 'i'
	CloseInput = 'c'
	Resize     = 'r'
)

// ErrMalformed is what a reader meets that is no frame.
var ErrMalformed = errors.New("malformed frame")

// Frame is one frame as read. Offset and Data hold the payload of Stdout and Stderr, Data alone that of an Event.
type Frame struct {
	Type   byte
	Offset int64
	Data   []byte
}

// Writer writes frames; it does not buffer.
type Writer struct {
	to   io.Writer
	head [headerBytes + offsetBytes]byte
}

// NewWriter writes to w, which should be buffered: a frame takes two writes.
func NewWriter(w io.Writer) *Writer { return &Writer{to: w} }

// Output writes bytes of stdout or stderr; offset is that of the first byte in the view asked for.
func (w *Writer) Output(kind byte, offset int64, data []byte) error {
	if len(data) > MaxPayload-offsetBytes {
		return fmt.Errorf("frame of %d bytes: at most %d", len(data), MaxPayload-offsetBytes)
	}
	w.head[0] = kind
	binary.BigEndian.PutUint32(w.head[1:], uint32(offsetBytes+len(data)))
	binary.BigEndian.PutUint64(w.head[headerBytes:], uint64(offset))
	if _, err := w.to.Write(w.head[:]); err != nil {
		return err
	}
	_, err := w.to.Write(data)
	return err
}

// Event writes value as JSON.
func (w *Writer) Event(value any) error {
	payload, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if len(payload) > MaxPayload {
		return fmt.Errorf("event of %d bytes: at most %d", len(payload), MaxPayload)
	}
	if err := w.header(Event, len(payload)); err != nil {
		return err
	}
	_, err = w.to.Write(payload)
	return err
}

// Keepalive writes an empty frame.
func (w *Writer) Keepalive() error { return w.header(Keepalive, 0) }

func (w *Writer) header(kind byte, length int) error {
	w.head[0] = kind
	binary.BigEndian.PutUint32(w.head[1:], uint32(length))
	_, err := w.to.Write(w.head[:headerBytes])
	return err
}

// Read reads the next frame. io.EOF between two frames is the end of the stream, io.ErrUnexpectedEOF a cut within one, ErrMalformed
// an unknown type, a length over MaxPayload, or an output frame without room for its offset.
func Read(from io.Reader) (Frame, error) {
	var head [headerBytes]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return Frame{}, err
	}
	frame := Frame{Type: head[0]}
	length := int(binary.BigEndian.Uint32(head[1:]))
	switch {
	case length > MaxPayload:
		return Frame{}, fmt.Errorf("%w: length %d, at most %d", ErrMalformed, length, MaxPayload)
	case frame.Type == Keepalive && length != 0:
		return Frame{}, fmt.Errorf("%w: keepalive with %d bytes", ErrMalformed, length)
	case (frame.Type == Stdout || frame.Type == Stderr) && length < offsetBytes:
		return Frame{}, fmt.Errorf("%w: output of %d bytes has no offset", ErrMalformed, length)
	case frame.Type != Stdout && frame.Type != Stderr && frame.Type != Event && frame.Type != Keepalive:
		return Frame{}, fmt.Errorf("%w: type %q", ErrMalformed, frame.Type)
	}
	payload := make([]byte, length)
	if _, err := io.ReadFull(from, payload); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Frame{}, err
	}
	frame.Data = payload
	if frame.Type == Stdout || frame.Type == Stderr {
		offset := binary.BigEndian.Uint64(payload)
		if offset > 1<<62 {
			return Frame{}, fmt.Errorf("%w: offset %d", ErrMalformed, offset)
		}
		frame.Offset, frame.Data = int64(offset), payload[offsetBytes:]
	}
	return frame, nil
}
