package server

import (
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"agenttier.io/images/sandboxd/internal/fault"
)

const maxNoticeText = 1024

// notice is what is about to happen to the sandbox, for those who are in it.
type notice struct {
	// Kind is the reason of the stop that is coming.
	Kind string `json:"kind"`
	Text string `json:"text"`
	// At is when it happens, RFC 3339.
	At string `json:"at"`
	at time.Time
}

// board shows one notice at a time to all who watch it.
type board struct {
	mu      sync.Mutex
	present *notice
	// changed is closed when another notice, or none, is present.
	changed chan struct{}
}

// put replaces what is shown; nil takes it back.
func (b *board) put(n *notice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.present = n
	if b.changed != nil {
		close(b.changed)
		b.changed = nil
	}
}

// read gives what is shown, nil for nothing, and a channel that is closed when that changes.
func (b *board) read() (*notice, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.changed == nil {
		b.changed = make(chan struct{})
	}
	return b.present, b.changed
}

// takeNotice shows the notice to every attached terminal, and to those that attach before its time has come; a later one replaces it, one
// without a kind takes it back.
func (s *Server) takeNotice(c *call) error {
	var taken notice
	if err := readControl(c, &taken); err != nil {
		return err
	}
	if taken.Kind == "" {
		s.notices.put(nil)
		c.WriteHeader(http.StatusNoContent)
		return nil
	}
	if len(taken.Kind) > 64 || len(taken.Text) > maxNoticeText || !utf8.ValidString(taken.Text) || strings.ContainsFunc(taken.Text, isControl) {
		return fault.Invalid("notice of kind %.64q: expected a kind of at most 64 bytes and a text of at most %d without control characters", taken.Kind, maxNoticeText)
	}
	at, err := time.Parse(time.RFC3339, taken.At)
	if err != nil {
		return fault.Invalid("at %.40q: expected a time as of RFC 3339", taken.At)
	}
	taken.at = at
	s.notices.put(&taken)
	c.WriteHeader(http.StatusNoContent)
	return nil
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }

// noticing is what one attached terminal was shown of a board.
type noticing struct {
	board *board
	now   func() time.Time
	shown *notice
}

// next gives the notice that this terminal has to be told, and a channel that is closed when to ask again. An empty notice takes back the
// one told before; nil: there is nothing to tell. One whose time has come is none: what it said has happened, or will not.
func (n *noticing) next() (*notice, <-chan struct{}) {
	present, changed := n.board.read()
	if present != nil && !present.at.After(n.now()) {
		present = nil
	}
	before := n.shown
	n.shown = present
	switch {
	case present == before:
		return nil, changed
	case present != nil:
		return present, changed
	case before.at.After(n.now()):
		return &notice{}, changed
	}
	return nil, changed
}
