package frames

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxResize bounds the JSON of a size.
const maxResize = 256

// Head is what stands before the payload of a client's frame.
type Head struct {
	Type byte
	// Offset is that of an Input's first byte, and the length of stdin of a CloseInput.
	Offset int64
	// Rest are the bytes of the payload that follow: stdin of an Input, JSON of a Resize.
	Rest int
}

// ReadHead reads a client's frame up to the bytes of Rest, which the caller reads next, so that a frame needs no memory of its size.
// io.EOF between two frames is the end of the stream, io.ErrUnexpectedEOF a cut within one, ErrMalformed what is no client's frame.
func ReadHead(from io.Reader) (Head, error) {
	var buffer [offsetBytes]byte
	if _, err := io.ReadFull(from, buffer[:headerBytes]); err != nil {
		return Head{}, err
	}
	head := Head{Type: buffer[0], Rest: int(binary.BigEndian.Uint32(buffer[1:headerBytes]))}
	if err := head.check(); err != nil {
		return Head{}, err
	}
	if head.Type != Input && head.Type != CloseInput {
		return head, nil
	}
	if _, err := io.ReadFull(from, buffer[:]); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Head{}, err
	}
	offset := binary.BigEndian.Uint64(buffer[:])
	if offset > 1<<62 {
		return Head{}, fmt.Errorf("%w: offset %d", ErrMalformed, offset)
	}
	head.Offset, head.Rest = int64(offset), head.Rest-offsetBytes
	return head, nil
}

func (h Head) check() error {
	var least, most int
	switch h.Type {
	case Input:
		least, most = offsetBytes, MaxPayload
	case CloseInput:
		least, most = offsetBytes, offsetBytes
	case Resize:
		least, most = 2, maxResize
	case Keepalive:
	default:
		return fmt.Errorf("%w: type %q, expected i, c, r or k", ErrMalformed, h.Type)
	}
	if h.Rest < least || h.Rest > most {
		return fmt.Errorf("%w: %q with %d bytes, expected %d to %d", ErrMalformed, h.Type, h.Rest, least, most)
	}
	return nil
}
