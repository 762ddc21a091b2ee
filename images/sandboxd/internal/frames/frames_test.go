package frames

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func TestFramesComeBackAsWritten(t *testing.T) {
	var wire bytes.Buffer
	w := NewWriter(&wire)
	for _, err := range []error{
		w.Event(map[string]string{"event": "start"}), w.Output(Stdout, 0, []byte("out")), w.Output(Stderr, 3, nil), w.Keepalive(),
		w.Output(Stderr, 1<<40, bytes.Repeat([]byte{7}, MaxPayload-8)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := []byte{'j', 0, 0, 0, 17}; !bytes.HasPrefix(wire.Bytes(), want) {
		t.Errorf("wire begins with %v, expected %v", wire.Bytes()[:5], want)
	}
	for i, want := range []struct {
		kind   byte
		offset int64
		length int
	}{{Event, 0, 17}, {Stdout, 0, 3}, {Stderr, 3, 0}, {Keepalive, 0, 0}, {Stderr, 1 << 40, MaxPayload - 8}} {
		frame, err := Read(&wire)
		if err != nil {
			t.Fatal(err)
		}
		if frame.Type != want.kind || frame.Offset != want.offset || len(frame.Data) != want.length {
			t.Errorf("frame %d: %c at %d with %d bytes, expected %+v", i, frame.Type, frame.Offset, len(frame.Data), want)
		}
	}
	if _, err := Read(&wire); err != io.EOF {
		t.Errorf("after the last frame: %v", err)
	}
}

func TestFramesOverTheLimitAreNotWritten(t *testing.T) {
	var wire bytes.Buffer
	if err := NewWriter(&wire).Output(Stdout, 0, make([]byte, MaxPayload)); err == nil || wire.Len() != 0 {
		t.Errorf("%v, %d bytes written", err, wire.Len())
	}
}

func TestMalformedFramesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		wire []byte
		want error
	}{
		"unknown type":     {[]byte{'x', 0, 0, 0, 0}, ErrMalformed},
		"too long":         {[]byte{'j', 0, 0x10, 0, 1}, ErrMalformed},
		"negative length":  {[]byte{'j', 0xff, 0xff, 0xff, 0xff}, ErrMalformed},
		"no offset":        {[]byte{'o', 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0}, ErrMalformed},
		"negative offset":  {[]byte{'o', 0, 0, 0, 8, 0x80, 0, 0, 0, 0, 0, 0, 0}, ErrMalformed},
		"long keepalive":   {[]byte{'k', 0, 0, 0, 1, 0}, ErrMalformed},
		"cut in header":    {[]byte{'j', 0, 0}, io.ErrUnexpectedEOF},
		"cut in payload":   {[]byte{'j', 0, 0, 0, 2, '{'}, io.ErrUnexpectedEOF},
		"cut before bytes": {[]byte{'j', 0, 0, 0, 2}, io.ErrUnexpectedEOF},
	} {
		if _, err := Read(bytes.NewReader(c.wire)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, expected %v", name, err, c.want)
		}
	}
}

func FuzzReadThenWriteGivesTheSameBytes(f *testing.F) {
	f.Add([]byte{'o', 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 'a'})
	f.Add([]byte{'k', 0, 0, 0, 0})
	f.Add([]byte{'j', 0, 0, 0, 2, '{', '}'})
	f.Fuzz(func(t *testing.T, wire []byte) {
		frame, err := Read(bytes.NewReader(wire))
		if err != nil {
			return
		}
		var again bytes.Buffer
		w := NewWriter(&again)
		switch frame.Type {
		case Keepalive:
			err = w.Keepalive()
		case Event:
			err = errors.Join(w.header(Event, len(frame.Data)))
			again.Write(frame.Data)
		default:
			err = w.Output(frame.Type, frame.Offset, frame.Data)
		}
		if err != nil || !bytes.HasPrefix(wire, again.Bytes()) {
			t.Errorf("%v: %v became %v", err, wire, again.Bytes())
		}
	})
}
