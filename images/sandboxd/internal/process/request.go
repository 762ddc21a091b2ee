package process

import (
	"crypto/sha256"
	"encoding/json"
	"path"
	"strings"

	"agenttier.io/images/sandboxd/internal/fault"
)

// MaxBody is the most that a start request may have, encoded.
const MaxBody = 24 << 20

// Request is the body of a start (protocol §4.1).
type Request struct {
	Class string `json:"class"`
	Name  string `json:"name"`
	// Argv or Script, one of them.
	Argv   []string          `json:"argv"`
	Script string            `json:"script"`
	Env    map[string]string `json:"env"`
	Cwd    string            `json:"cwd"`
	Stdin  []byte            `json:"stdinBase64"`
	// OpenStdin lets stdin come by attach; then Stdin is empty.
	OpenStdin bool `json:"openStdin"`
	// TTY gives the process a terminal of Cols by Rows, 0 for the default; all output then is stdout.
	TTY  bool `json:"tty"`
	Cols int  `json:"cols"`
	Rows int  `json:"rows"`
	// TimeoutMs 0 is no limit.
	TimeoutMs int64 `json:"timeoutMs"`
	// OnDisconnect is cancel (also when empty) or keep.
	OnDisconnect string `json:"onDisconnect"`
	// OnFull is drop (also when empty) or wait.
	OnFull string `json:"onFull"`
	// Cap is the most invokes that may be without a record, this one included; 0 is none. Only for class inv.
	Cap int `json:"cap"`
	// Configured is which configuration the caller knows, a number that grows with each; 0 for one who does not say. Only for class inv.
	Configured int64 `json:"configured"`
	// Key stands for the random part of the id, so that the same key finds the process again. Only for class inv, and without a name.
	Key string `json:"key"`
}

// maxTimeout is longer than any pod lives and keeps sums of time in range.
const maxTimeoutMs = 366 * 24 * 3600 * 1000

// Check returns what is wrong with the request, as 422; nil if it can be started.
func (r *Request) Check() error {
	if !classes[r.Class] {
		return fault.Invalid("class %.40q: expected exec, inv, term, install, hook or arch", r.Class)
	}
	if r.Name != "" {
		if err := checkName(r.Name); err != nil {
			return err
		}
	}
	if err := r.checkInvoke(); err != nil {
		return err
	}
	switch {
	case len(r.Argv) > 0 && r.Script != "":
		return fault.Invalid("argv and script are both set: give one of them")
	case len(r.Argv) == 0 && r.Script == "":
		return fault.Invalid("argv and script are both empty: give one of them")
	case len(r.Argv) > 0 && r.Argv[0] == "":
		return fault.Invalid("argv[0] is empty: expected a program")
	case strings.ContainsRune(r.Script, 0):
		return fault.Invalid("script holds a NUL character, which no program can be given")
	case strings.ContainsRune(r.Cwd, 0):
		return fault.Invalid("cwd holds a NUL character")
	case r.TimeoutMs < 0 || r.TimeoutMs > maxTimeoutMs:
		return fault.Invalid("timeoutMs %d: expected 0 (none) to %d", r.TimeoutMs, int64(maxTimeoutMs))
	case r.OnDisconnect != "" && r.OnDisconnect != "cancel" && r.OnDisconnect != "keep":
		return fault.Invalid("onDisconnect %.40q: expected cancel or keep", r.OnDisconnect)
	case r.OnFull != "" && r.OnFull != "drop" && r.OnFull != "wait":
		return fault.Invalid("onFull %.40q: expected drop or wait", r.OnFull)
	}
	if r.OpenStdin && len(r.Stdin) > 0 {
		return fault.Invalid("openStdin and stdinBase64 are both set: give one of them")
	}
	if err := r.size().Check(); err != nil {
		return fault.Invalid("%v", err)
	}
	for i, arg := range r.Argv {
		if strings.ContainsRune(arg, 0) {
			return fault.Invalid("argv[%d] holds a NUL character, which no program can be given", i)
		}
	}
	for name, value := range r.Env {
		switch {
		case name == "" || strings.ContainsAny(name, "=\x00"):
			return fault.Invalid("env name %.80q: expected one or more characters other than = and NUL", name)
		case strings.HasPrefix(name, "AGENTTIER_"):
			return fault.Invalid("env name %.80q: names that begin with AGENTTIER_ are set by sandboxd only", name)
		case strings.ContainsRune(value, 0):
			return fault.Invalid("env %.80q has a value with a NUL character", name)
		}
	}
	return nil
}

// checkInvoke looks at what only invokes have.
func (r *Request) checkInvoke() error {
	switch {
	case r.Cap < 0:
		return fault.Invalid("cap %d: expected 0 (none) or more", r.Cap)
	case r.Cap > 0 && r.Class != classInvoke:
		return fault.Invalid("cap %d with class %s: only processes of class inv have one", r.Cap, r.Class)
	case r.Configured < 0:
		return fault.Invalid("configured %d: expected 0 (not said) or more", r.Configured)
	case r.Configured > 0 && r.Class != classInvoke:
		return fault.Invalid("configured %d with class %s: only processes of class inv have one", r.Configured, r.Class)
	case r.Key == "":
		return nil
	case !invokeKey.MatchString(r.Key):
		return fault.Invalid("key %.40q: expected 16 of 0-9 a-f", r.Key)
	case r.Class != classInvoke:
		return fault.Invalid("key %s with class %s: only processes of class inv have one", r.Key, r.Class)
	case r.Name != "":
		return fault.Invalid("key and name are both set: give one of them")
	}
	return nil
}

// command is what will be run: argv, or the shell with the script.
func (r *Request) command() []string {
	if r.Script != "" {
		return []string{"sh", "-c", r.Script}
	}
	return r.Argv
}

// size is that of the terminal asked for.
func (r *Request) size() Size {
	size := Size{Cols: r.Cols, Rows: r.Rows}
	if size.Cols == 0 {
		size.Cols = defaultCols
	}
	if size.Rows == 0 {
		size.Rows = defaultRows
	}
	return size
}

// Program is the base name of what is run, as shown in lists.
func (r *Request) Program() string {
	return path.Base(r.command()[0])
}

// hash tells whether two requests of the same name or key ask for the same thing. The order of env does not matter, and cap and
// configured are how the start is asked for, not what is started.
func (r *Request) hash() [sha256.Size]byte {
	stdin := sha256.Sum256(r.Stdin) // it may be large: no second copy of it in JSON
	plain := *r
	plain.Stdin = stdin[:]
	plain.Cap, plain.Configured = 0, 0
	text, err := json.Marshal(&plain) // maps are written in order of their keys
	if err != nil {
		panic(err) // strings, numbers and bytes only
	}
	return sha256.Sum256(text)
}
