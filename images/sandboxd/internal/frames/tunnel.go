package frames

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Types of frames of a tunnel (protocol §10), which both sides send, besides Keepalive.
const (
	Data = 'd'
	// End says that no Data follows in this direction.
	End = 'z'
	// Reset says why the tunnel is broken; it is the last frame.
	Reset = 'x'
)

// MaxReset bounds the text of a Reset.
const MaxReset = 1 << 10

// TunnelRoom is what a buffer for Tunnel needs before the payload.
const TunnelRoom = headerBytes

// Tunnel makes a whole frame of buffer, whose payload begins at TunnelRoom, so that it leaves in one write.
func Tunnel(kind byte, buffer []byte) []byte {
	buffer[0] = kind
	binary.BigEndian.PutUint32(buffer[1:], uint32(len(buffer)-headerBytes))
	return buffer
}

// ReadTunnel reads the head of a tunnel's frame; the caller reads the rest bytes that follow. io.EOF between two frames is the end of
// the stream, io.ErrUnexpectedEOF a cut within one, ErrMalformed what is no frame of a tunnel.
func ReadTunnel(from io.Reader) (kind byte, rest int, err error) {
	var head [headerBytes]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return 0, 0, err
	}
	length := binary.BigEndian.Uint32(head[1:])
	var least, most uint32
	switch head[0] {
	case Data:
		least, most = 1, MaxPayload
	case End, Keepalive:
	case Reset:
		most = MaxReset
	default:
		return 0, 0, fmt.Errorf("%w: type %q, expected d, z, x or k", ErrMalformed, head[0])
	}
	if length < least || length > most {
		return 0, 0, fmt.Errorf("%w: %q with %d bytes, expected %d to %d", ErrMalformed, head[0], length, least, most)
	}
	return head[0], int(length), nil
}
