package frames

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func TestHeadLeavesThePayloadToTheCaller(t *testing.T) {
	var wire bytes.Buffer
	w := NewWriter(&wire)
	for _, err := range []error{w.Output(Input, 1<<40, []byte("abc")), w.Output(CloseInput, 9, nil), w.Keepalive()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wire.Write([]byte{'r', 0, 0, 0, 2, '{', '}'})
	for _, want := range []Head{{Input, 1 << 40, 3}, {CloseInput, 9, 0}, {Keepalive, 0, 0}, {Resize, 0, 2}} {
		head, err := ReadHead(&wire)
		if err != nil || head != want {
			t.Fatalf("%+v, %v, expected %+v", head, err, want)
		}
		wire.Next(head.Rest)
	}
	if _, err := ReadHead(&wire); err != io.EOF {
		t.Errorf("after the last frame: %v", err)
	}
}

func TestMalformedClientFramesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		wire []byte
		want error
	}{
		"a frame of ours":     {[]byte{'j', 0, 0, 0, 2, '{', '}'}, ErrMalformed},
		"input too long":      {[]byte{'i', 0, 0x10, 0, 1}, ErrMalformed},
		"input of no offset":  {[]byte{'i', 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0}, ErrMalformed},
		"negative offset":     {[]byte{'i', 0, 0, 0, 8, 0x80, 0, 0, 0, 0, 0, 0, 0}, ErrMalformed},
		"close with bytes":    {[]byte{'c', 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0}, ErrMalformed},
		"resize without JSON": {[]byte{'r', 0, 0, 0, 0}, ErrMalformed},
		"resize too long":     {[]byte{'r', 0, 0, 1, 1}, ErrMalformed},
		"long keepalive":      {[]byte{'k', 0, 0, 0, 1, 0}, ErrMalformed},
		"cut in header":       {[]byte{'i', 0, 0}, io.ErrUnexpectedEOF},
		"cut before offset":   {[]byte{'i', 0, 0, 0, 9}, io.ErrUnexpectedEOF},
		"cut in offset":       {[]byte{'i', 0, 0, 0, 9, 0, 0}, io.ErrUnexpectedEOF},
	} {
		if _, err := ReadHead(bytes.NewReader(c.wire)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, expected %v", name, err, c.want)
		}
	}
}

func FuzzReadHeadNeverAsksForMoreThanAFrame(f *testing.F) {
	f.Add([]byte{'i', 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 'a'})
	f.Add([]byte{'r', 0, 0, 0, 2, '{', '}'})
	f.Fuzz(func(t *testing.T, wire []byte) {
		head, err := ReadHead(bytes.NewReader(wire))
		if err == nil && (head.Rest < 0 || head.Rest > MaxPayload-offsetBytes || head.Offset < 0 || head.Offset > 1<<62) {
			t.Errorf("%+v", head)
		}
	})
}
