// Package final writes the final record (protocol §7): why sandboxd ended by itself. A container that ended without one is an
// infrastructure failure, so nothing else may write here.
package final

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"
)

// maxBytes is what the kubelet keeps of a termination message.
const maxBytes = 4096

// Reasons.
const (
	CommandExited    = "CommandExited"
	InitScriptFailed = "InitScriptFailed"
	InvalidPlan      = "InvalidPlan"
	Terminated       = "Terminated"
)

// Record is the final word; Code is also the exit code of sandboxd.
type Record struct {
	Sandboxd int    `json:"sandboxd"`
	Reason   string `json:"reason"`
	Code     int    `json:"code"`
	Signal   string `json:"signal"`
	Message  string `json:"message"`
	// OnStop is how the hook before the end went; nil when there is none.
	OnStop *Hook `json:"onStop,omitempty"`
	// Tail is output that Message ends with, as much of its end as there is room for.
	Tail string `json:"-"`
}

// Hook is how a hook ended.
type Hook struct {
	// Exit is its exit record (protocol §6).
	Exit any `json:"exit"`
	// Tail is the end of what it wrote, as much as there is room for.
	Tail string `json:"tail"`
}

// Write replaces the content of file.
func Write(file string, record Record) error {
	text, err := encode(record)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return fmt.Errorf("final record: %w", err)
	}
	return nil
}

func encode(record Record) ([]byte, error) {
	record.Sandboxd = 1
	message := strings.ToValidUTF8(record.Message, "\uFFFD")
	tail := strings.ToValidUTF8(record.Tail, "\uFFFD")
	if hook := record.OnStop; hook != nil {
		record.OnStop = nil
		if exit, err := json.Marshal(hook.Exit); err == nil && len(exit) <= maxBytes/4 {
			record.OnStop = &Hook{hook.Exit, strings.ToValidUTF8(hook.Tail, "\uFFFD")}
		}
	}
	for {
		record.Message = message
		if tail != "" {
			record.Message += "\n" + tail
		}
		text, err := json.Marshal(record)
		if err != nil {
			return nil, err
		}
		tooMuch := len(text) - maxBytes
		switch {
		case tooMuch <= 0:
			return text, nil
		case record.OnStop != nil && record.OnStop.Tail != "":
			record.OnStop.Tail = withoutStart(record.OnStop.Tail, tooMuch)
		case tail != "":
			tail = withoutStart(tail, tooMuch)
		default:
			message = withoutStart(message, tooMuch)
		}
	}
}

// withoutStart cuts about a sixth of tooMuch bytes, since JSON's escapes take up to six bytes a byte; at least one character.
func withoutStart(text string, tooMuch int) string {
	cut := min(max(1, tooMuch/6), len(text))
	for cut < len(text) && !utf8.RuneStart(text[cut]) {
		cut++
	}
	return text[cut:]
}
