package server

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"testing"

	"agenttier.io/images/sandboxd/internal/frames"
)

// sizeVariable set to full makes the integrity test move 64 MiB instead of 8.
const sizeVariable = "AGENTTIER_SIZE"

// random bytes, the same in each run.
func random(t *testing.T, size int) []byte {
	t.Helper()
	source := rand.NewChaCha8([32]byte{1})
	bytes := make([]byte, size)
	if _, err := io.ReadFull(source, bytes); err != nil {
		t.Fatal(err)
	}
	return bytes
}

func TestBytesThroughCatSurviveAnyCutsOfTheConnection(t *testing.T) {
	size := 8 << 20
	if os.Getenv(sizeVariable) == "full" {
		size = 64 << 20
	}
	want := random(t, size)
	f := serve(t, 4<<20) // far smaller than the output: the process has to wait for its reader
	body := named(withStdin(script("cat; echo done >&2")), "cat")
	body["onFull"] = "wait"
	f.answer(f.call("POST", "/v1/processes", "exec", jsonBody(body), nil), 201, nil)
	dice := rand.New(rand.NewPCG(7, 7))
	var got, log bytes.Buffer
	cuts := 0
	for offset := int64(0); ; cuts++ {
		s := f.join("cat", fmt.Sprintf("stdin=true&takeover=true&offset=%d", offset))
		writer, seed := make(chan struct{}), dice.Uint64()
		go func() {
			defer close(writer)
			s.pour(want, seed)
		}()
		next, ended := s.drink(&got, &log, offset, dice.IntN(2<<20))
		s.conn.Close()
		<-writer
		if offset = next; ended {
			break
		}
	}
	if cuts < 5 {
		t.Errorf("only %d cuts", cuts)
	}
	if sha256.Sum256(got.Bytes()) != sha256.Sum256(want) || log.String() != "done\n" {
		t.Errorf("%d bytes came back, not the %d sent; stderr %q", got.Len(), len(want), log.String())
	}
}

// pour sends stdin from where the process has it, now and then from earlier, and closes it, unless the connection is cut before.
func (s *session) pour(all []byte, seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 1))
	from := max(0, s.sent-dice.Int64N(300_000))
	for from < int64(len(all)) {
		to := min(from+1+dice.Int64N(200_000), int64(len(all)))
		if s.to.Output(frames.Input, from, all[from:to]) != nil {
			return
		}
		from = to
	}
	_ = s.to.Output(frames.CloseInput, int64(len(all)), nil) // a cut is what this is about
}

// drink reads about limit bytes, and returns where the view goes on and whether it has ended.
func (s *session) drink(stdout, stderr *bytes.Buffer, offset int64, limit int) (next int64, ended bool) {
	s.t.Helper()
	for limit >= 0 {
		frame, err := frames.Read(s.conn)
		if err != nil {
			s.t.Fatalf("at %d: %v", offset, err)
		}
		switch frame.Type {
		case frames.Stdout, frames.Stderr:
			if frame.Offset != offset {
				s.t.Fatalf("frame at %d, expected %d", frame.Offset, offset)
			}
			to := stdout
			if frame.Type == frames.Stderr {
				to = stderr
			}
			to.Write(frame.Data)
			offset, limit = offset+int64(len(frame.Data)), limit-len(frame.Data)
		case frames.Event:
			switch {
			case bytes.Contains(frame.Data, []byte(`"event":"exit"`)):
				if _, err := frames.Read(s.conn); !errors.Is(err, io.EOF) {
					s.t.Errorf("after the exit event: %v", err)
				}
				return offset, true
			case !bytes.Contains(frame.Data, []byte(`"event":"start"`)):
				s.t.Fatalf("event %s", frame.Data)
			}
		}
	}
	return offset, false
}

func TestReaderThatStopsHoldsTheWholeChainAndLosesNothing(t *testing.T) {
	f := serve(t, 1<<20)
	want := random(t, 32<<20) // more than the buffers of two connections can take
	s := f.begin(withStdin(exec("cat")))
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		s.pour(want, 3)
	}()
	var info struct{ BytesStdin, Offset int64 }
	accepted := func() int64 {
		f.answer(f.call("GET", "/v1/processes/"+s.header.Get("AgentTier-Process"), "processes", nil, nil), http.StatusOK, &info)
		return info.BytesStdin
	}
	for accepted() < 2<<20 {
	}
	select {
	case <-sent:
		t.Error("all was sent although nobody read")
	default:
	}
	exited(t, s.finish(), 0)
	<-sent
	same(t, "stdout", s.seen.stdout, want)
	if s.seen.gaps != nil {
		t.Errorf("gaps %v", s.seen.gaps)
	}
}
