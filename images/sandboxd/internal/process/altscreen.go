package process

import "bytes"

// altScreen takes the sequences out of a terminal's output that switch to the alternate screen and back (xterm's private modes 47, 1047
// and 1049), so that what full-screen programs draw stays in the scrollback. Other modes of the same sequence stay.
type altScreen struct {
	// held is the beginning of a sequence whose end has not come yet.
	held []byte
	out  []byte
}

// maxHeld is longer than any sequence of modes that programs send; what is longer passes as it is.
const maxHeld = 64

var modesBegin = []byte("\x1b[?")

// strip returns what is shown of output, without what has to wait for more; only valid until the next call.
func (a *altScreen) strip(output []byte) []byte {
	if len(a.held) > 0 {
		a.held = append(a.held, output...)
		output = a.held
	} else if bytes.IndexByte(output, modesBegin[0]) < 0 {
		return output
	}
	a.out = a.out[:0]
	for len(output) > 0 {
		at := bytes.IndexByte(output, modesBegin[0])
		if at < 0 {
			a.out = append(a.out, output...)
			output = nil
			break
		}
		a.out = append(a.out, output[:at]...)
		output = output[at:]
		length, whole := modesLength(output)
		if !whole {
			break
		}
		a.out = appendModes(a.out, output[:length])
		output = output[length:]
	}
	a.held = append(a.held[:0:0], output...)
	return a.out
}

// rest is what was held back, when nothing follows.
func (a *altScreen) rest() []byte {
	held := a.held
	a.held = nil
	return held
}

// modesLength is the length of what begins output, a sequence of private modes or else one byte; whole is false when its end is not there yet.
func modesLength(output []byte) (length int, whole bool) {
	common := min(len(output), len(modesBegin))
	if !bytes.Equal(output[:common], modesBegin[:common]) {
		return 1, true
	}
	for i := len(modesBegin); i < len(output); i++ {
		switch b := output[i]; {
		case b == 'h', b == 'l':
			return i + 1, true
		case b != ';' && (b < '0' || b > '9'), i >= maxHeld:
			return 1, true
		}
	}
	return 0, false
}

func appendModes(out, sequence []byte) []byte {
	if len(sequence) <= len(modesBegin) {
		return append(out, sequence...)
	}
	last := len(sequence) - 1
	var kept [][]byte
	stripped := false
	for mode := range bytes.SplitSeq(sequence[len(modesBegin):last], []byte(";")) {
		switch string(mode) {
		case "47", "1047", "1049":
			stripped = true
		default:
			kept = append(kept, mode)
		}
	}
	switch {
	case !stripped:
		return append(out, sequence...)
	case len(kept) == 0:
		return out
	}
	out = append(out, modesBegin...)
	out = append(out, bytes.Join(kept, []byte(";"))...)
	return append(out, sequence[last])
}
