// Package upload gathers an archive that comes in parts, each a call of its own: a call that is cut is made again, and what has come
// stays. Everything is bounded: how many there are, their size, and how long one may rest.
package upload

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"agenttier.io/images/sandboxd/internal/clock"
	"agenttier.io/images/sandboxd/internal/fault"
)

const (
	// maxUploads that are known at the same time, ended ones whose result may still be asked for included.
	maxUploads = 8
	// keepIdle is how long one is known after the last call for it.
	keepIdle = 10 * time.Minute
	// holdFinal is how long the final part's answer waits for the use: some on the way of a call do not wait longer.
	holdFinal = 25 * time.Second
	// useLimit is the longest that the use of a whole archive may take.
	useLimit = 2 * time.Hour
)

// Key names an upload: the user, and the id that his client chose.
type Key struct{ By, ID string }

// Part is one call.
type Part struct {
	Key
	// Target is what the archive is for; all parts must agree on it.
	Target string
	// Offset of the first byte of Body. Bytes that have come already may come again.
	Offset int64
	Body   io.Reader
	// Final: the archive ends with this part.
	Final bool
	// MaxBytes of the archive; 0 is no limit.
	MaxBytes int64
}

// Use does with a whole archive what it is for. file is closed afterwards.
type Use func(ctx context.Context, file *os.File, size int64) (any, error)

// Table holds the uploads of a sandbox.
type Table struct {
	clock clock.Clock
	open  func() (*os.File, error)
	ctx   context.Context
	close context.CancelFunc
	using sync.WaitGroup

	mu    sync.Mutex
	byKey map[Key]*upload
}

// NewTable makes an empty table; open makes an empty file for each upload.
func NewTable(c clock.Clock, open func() (*os.File, error)) *Table {
	ctx, cancel := context.WithCancel(context.Background())
	return &Table{clock: c, open: open, ctx: ctx, close: cancel, byKey: map[Key]*upload{}}
}

// upload is one archive. Its fields belong to whoever has the turn.
type upload struct {
	target string
	turn   chan struct{}
	file   *os.File
	size   int64
	// used is not nil once the final part has come.
	used *used

	// calls and idle are guarded by the table's lock.
	calls int
	idle  clock.Timer
}

// used is the result of the use, valid once done is closed.
type used struct {
	done   chan struct{}
	result any
	err    error
}

// Add takes a part. Before the final one next is where the next part begins; after it result is that of use, which is called once. The
// final part may be repeated until its answer has come through, and has to be when result is nil since the use takes long. A part that leaves a gap is 409 and names the offset expected.
func (t *Table) Add(ctx context.Context, part Part, use Use) (next int64, result any, err error) {
	u, err := t.enter(part)
	if err != nil {
		return 0, nil, err
	}
	defer t.leave(part.Key, u)
	select {
	case u.turn <- struct{}{}:
	case <-ctx.Done():
		return 0, nil, ctx.Err()
	}
	next, ended, err := t.take(part, u, use)
	<-u.turn
	if err != nil || ended == nil {
		return next, nil, err
	}
	late := make(chan struct{})
	defer t.clock.AfterFunc(holdFinal, func() { close(late) }).Stop()
	select {
	case <-ended.done:
		return next, ended.result, ended.err
	case <-late:
		return next, nil, nil
	case <-ctx.Done():
		return 0, nil, ctx.Err()
	}
}

// take is called by the one who has the turn.
func (t *Table) take(part Part, u *upload, use Use) (next int64, ended *used, err error) {
	switch {
	case part.Offset > u.size:
		return 0, nil, fault.Conflict("upload %q has %d bytes, offset is %d: go on at %d", part.ID, u.size, part.Offset, u.size).
			With("AgentTier-Size", strconv.FormatInt(u.size, 10))
	case u.used != nil && !part.Final:
		return u.size, nil, nil // a part that was late
	case u.used == nil:
		if err := u.write(part, t.open); err != nil {
			return u.size, nil, err
		}
	}
	if part.Final && u.used == nil {
		u.used = &used{done: make(chan struct{})}
		t.using.Add(1)
		go t.use(u.used, u.file, u.size, use)
		u.file = nil
	}
	return u.size, u.used, nil
}

// write keeps what comes, also when the body breaks off.
func (u *upload) write(part Part, open func() (*os.File, error)) (err error) {
	if u.file == nil {
		if u.file, err = open(); err != nil {
			return err
		}
	}
	body := part.Body
	if part.MaxBytes > 0 {
		body = io.LimitReader(body, max(0, part.MaxBytes-part.Offset)+1)
	}
	n, err := io.Copy(io.NewOffsetWriter(u.file, part.Offset), struct{ io.Reader }{body})
	end := part.Offset + n
	if part.MaxBytes > 0 && end > part.MaxBytes {
		return fault.TooLarge("the archive has more than %d bytes, the most that is allowed", part.MaxBytes)
	}
	u.size = max(u.size, end)
	return err
}

func (t *Table) use(to *used, file *os.File, size int64, use Use) {
	defer t.using.Done()
	ctx, cancel := context.WithTimeout(t.ctx, useLimit)
	defer cancel()
	defer close(to.done)
	to.result, to.err = use(ctx, file, size)
	if err := file.Close(); to.err == nil {
		to.err = err
	}
	if errors.Is(to.err, context.Canceled) {
		to.err = fault.Unavailable("the sandbox is being stopped: the archive was not put in place wholly")
	}
}

// enter finds the upload or begins one, and keeps it from being forgotten.
func (t *Table) enter(part Part) (*upload, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.byKey[part.Key]
	if u == nil {
		if part.Offset > 0 {
			return nil, fault.NotFound("upload %q is not known: it never began, ended, or rested for more than %s; begin again at 0", part.ID, keepIdle)
		}
		if len(t.byKey) >= maxUploads {
			return nil, fault.TooManyRequests("%d uploads are known in this sandbox, at most %d may: end one, or wait until it is forgotten after %s", len(t.byKey), maxUploads, keepIdle)
		}
		u = &upload{target: part.Target, turn: make(chan struct{}, 1)}
		t.byKey[part.Key] = u
	}
	if u.target != part.Target {
		return nil, fault.Conflict("upload %q began with another path or format: choose another id", part.ID)
	}
	u.calls++
	if u.idle != nil {
		u.idle.Stop()
	}
	return u, nil
}

func (t *Table) leave(key Key, u *upload) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if u.calls--; u.calls > 0 {
		return
	}
	u.idle = t.clock.AfterFunc(keepIdle, func() { t.forget(key, u) })
}

func (t *Table) forget(key Key, u *upload) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if u.calls > 0 || t.byKey[key] != u {
		return
	}
	delete(t.byKey, key)
	if u.file != nil {
		u.file.Close() // it has no name: this is its end
	}
}

// Close stops what is being done with archives, and waits for that.
func (t *Table) Close() {
	t.close()
	t.using.Wait()
}
