package frames

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestTunnelFramesAreReadAsTheyWereWritten(t *testing.T) {
	var wire bytes.Buffer
	wire.Write(Tunnel(Data, append(make([]byte, TunnelRoom), "abc"...)))
	wire.Write(Tunnel(Keepalive, make([]byte, TunnelRoom)))
	wire.Write(Tunnel(End, make([]byte, TunnelRoom)))
	wire.Write(Tunnel(Reset, append(make([]byte, TunnelRoom), "why"...)))
	for _, expected := range []struct {
		kind byte
		text string
	}{{Data, "abc"}, {Keepalive, ""}, {End, ""}, {Reset, "why"}} {
		kind, rest, err := ReadTunnel(&wire)
		if err != nil || kind != expected.kind || rest != len(expected.text) {
			t.Fatalf("%q with %d bytes, %v: expected %+v", kind, rest, err, expected)
		}
		if text := wire.Next(rest); string(text) != expected.text {
			t.Errorf("payload %q, expected %q", text, expected.text)
		}
	}
	if _, _, err := ReadTunnel(&wire); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestATunnelRefusesWhatIsNoFrameOfIt(t *testing.T) {
	for name, text := range map[string]string{
		"a frame of an attach":   "i\x00\x00\x00\x08........",
		"data without a byte":    "d\x00\x00\x00\x00",
		"data beyond the limit":  "d\x00\x10\x00\x01",
		"an end with bytes":      "z\x00\x00\x00\x01.",
		"a keepalive with bytes": "k\x00\x00\x00\x01.",
		"a reset of 1025 bytes":  "x\x00\x00\x04\x01",
		"the greatest length":    "d\xff\xff\xff\xff",
	} {
		if _, _, err := ReadTunnel(strings.NewReader(text)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := ReadTunnel(strings.NewReader("d\x00\x00")); err != io.ErrUnexpectedEOF {
		t.Errorf("a cut within a head: %v", err)
	}
}

func FuzzReadTunnel(f *testing.F) {
	f.Add([]byte("d\x00\x00\x00\x01."))
	f.Add([]byte("x\x00\x00\x04\x01"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		kind, rest, err := ReadTunnel(bytes.NewReader(wire))
		switch {
		case err != nil:
		case rest < 0 || rest > MaxPayload, (kind == Data) != (rest > 0) && kind != Reset:
			t.Errorf("%q with %d bytes was accepted", kind, rest)
		}
	})
}
