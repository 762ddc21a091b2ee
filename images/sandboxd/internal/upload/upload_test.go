package upload

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/clock/clocktest"
	"agenttier.io/images/sandboxd/internal/fault"
)

type fixture struct {
	*testing.T
	table *Table
	clock *clocktest.Fake
	uses  int
}

func begin(t *testing.T) *fixture {
	dir := t.TempDir()
	clock := clocktest.New(time.Unix(1_800_000_000, 0))
	n := 0
	f := &fixture{T: t, clock: clock, table: NewTable(clock, func() (*os.File, error) {
		n++
		return os.Create(filepath.Join(dir, strings.Repeat("u", n)))
	})}
	t.Cleanup(f.table.Close)
	return f
}

func (f *fixture) add(id string, offset int64, content string, final bool) (int64, any, error) {
	return f.addFrom(Part{Key: Key{"alice", id}, Target: "zip:w", Offset: offset, Body: strings.NewReader(content), Final: final, MaxBytes: 20})
}

func (f *fixture) addFrom(part Part) (int64, any, error) {
	return f.table.Add(context.Background(), part, func(_ context.Context, file *os.File, size int64) (any, error) {
		f.uses++
		text, err := io.ReadAll(io.NewSectionReader(file, 0, size))
		return string(text), err
	})
}

func (f *fixture) expect(next int64, result any, err error, wantNext int64, want any) {
	f.Helper()
	if err != nil || next != wantNext || result != want {
		f.Errorf("next %d, result %v, error %v; expected %d, %v", next, result, err, wantNext, want)
	}
}

func (f *fixture) refused(err error, status int) {
	f.Helper()
	if known, ok := errors.AsType[*fault.Error](err); !ok || known.Status != status {
		f.Errorf("error %v, expected %d", err, status)
	}
}

func TestPartsMakeTheWholeAndRepeatedOnesChangeNothing(t *testing.T) {
	f := begin(t)
	next, result, err := f.add("u", 0, "abc", false)
	f.expect(next, result, err, 3, nil)
	next, result, err = f.add("u", 0, "abc", false)
	f.expect(next, result, err, 3, nil)
	next, result, err = f.add("u", 1, "bcde", false)
	f.expect(next, result, err, 5, nil)
	next, result, err = f.add("u", 5, "f", true)
	f.expect(next, result, err, 6, "abcdef")
	next, result, err = f.add("u", 5, "f", true)
	f.expect(next, result, err, 6, "abcdef")
	next, result, err = f.add("u", 6, "", true)
	f.expect(next, result, err, 6, "abcdef")
	if f.uses != 1 {
		t.Errorf("used %d times", f.uses)
	}
}

func TestPartThatBreaksOffIsGoneOnWith(t *testing.T) {
	f := begin(t)
	broken := io.MultiReader(strings.NewReader("abc"), failing{})
	if _, _, err := f.addFrom(Part{Key: Key{"alice", "u"}, Target: "zip:w", Body: broken, Final: true}); err == nil {
		t.Error("no error")
	}
	if f.uses != 0 {
		t.Error("a part that broke off was taken for the last")
	}
	next, result, err := f.add("u", 3, "d", true)
	f.expect(next, result, err, 4, "abcd")
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestPartsThatDoNotFitAreRefused(t *testing.T) {
	f := begin(t)
	_, _, err := f.add("u", 5, "x", false)
	f.refused(err, 404)
	_, _, err = f.add("u", 0, "abc", false)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = f.add("u", 4, "x", false)
	f.refused(err, 409)
	if known, _ := errors.AsType[*fault.Error](err); known.Header["AgentTier-Size"] != "3" {
		t.Errorf("headers %v", known.Header)
	}
	_, _, err = f.addFrom(Part{Key: Key{"alice", "u"}, Target: "zip:elsewhere", Offset: 3, Body: strings.NewReader("x")})
	f.refused(err, 409)
	_, _, err = f.add("u", 3, strings.Repeat("x", 18), true)
	f.refused(err, 413)
	_, _, err = f.addFrom(Part{Key: Key{"bob", "u"}, Target: "zip:w", Offset: 3, Body: strings.NewReader("x")})
	f.refused(err, 404)
}

func TestUploadsAreFewAndForgotten(t *testing.T) {
	f := begin(t)
	for i := range maxUploads {
		if _, _, err := f.add(strings.Repeat("x", i+1), 0, "abc", false); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := f.add("more", 0, "abc", false)
	f.refused(err, 429)
	f.clock.Advance(keepIdle)
	_, _, err = f.add("x", 3, "d", false)
	f.refused(err, 404)
	_, _, err = f.add("more", 0, "abc", false)
	if err != nil {
		t.Error(err)
	}
}

func TestTheFinalPartIsAskedAgainWhileTheUseTakesLong(t *testing.T) {
	f := begin(t)
	using, goOn := make(chan struct{}), make(chan struct{})
	part := func() Part {
		return Part{Key: Key{"alice", "u"}, Body: strings.NewReader("x"), Final: true}
	}
	use := func(context.Context, *os.File, int64) (any, error) {
		close(using)
		<-goOn
		return "done", nil
	}
	type answer struct {
		result any
		err    error
	}
	answers := make(chan answer)
	ask := func() {
		_, result, err := f.table.Add(context.Background(), part(), use)
		answers <- answer{result, err}
	}
	go ask()
	<-using
	f.clock.AwaitTimer(holdFinal)
	f.clock.Advance(holdFinal)
	if a := <-answers; a.result != nil || a.err != nil {
		t.Errorf("answer %+v", a)
	}
	go ask()
	close(goOn)
	if a := <-answers; a.result != "done" || a.err != nil {
		t.Errorf("answer %+v", a)
	}
}

func TestCloseEndsTheUse(t *testing.T) {
	f := begin(t)
	using := make(chan struct{})
	failed := make(chan error)
	go func() {
		_, _, err := f.table.Add(context.Background(), Part{Key: Key{"alice", "u"}, Body: strings.NewReader("x"), Final: true},
			func(ctx context.Context, _ *os.File, _ int64) (any, error) {
				close(using)
				<-ctx.Done()
				return nil, ctx.Err()
			})
		failed <- err
	}()
	<-using
	f.table.Close()
	f.refused(<-failed, 503)
}
