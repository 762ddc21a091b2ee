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
	"strconv"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/frames"
	"agenttier.io/images/sandboxd/internal/process"
)

const interleavedBytes = 8 << 20

// pieces calls write with pieces of random sizes for file descriptor 1 or 2, the same for the same seed.
func pieces(seed string, write func(fd int, data []byte)) {
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		panic(err)
	}
	random := rand.New(rand.NewPCG(n, 0))
	for total := 0; total < interleavedBytes; {
		size := 1 + random.IntN(16)
		if random.IntN(4) == 0 {
			size = 1 + random.IntN(70_000)
		}
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		write(1+random.IntN(2), data)
		total += size
	}
}

func interleave(seed string) {
	to := []*os.File{1: os.Stdout, 2: os.Stderr}
	pieces(seed, func(fd int, data []byte) {
		if _, err := to[fd].Write(data); err != nil {
			os.Exit(3)
		}
	})
}

func interleaver(seed string) request {
	return request{"class": "exec", "argv": []string{os.Args[0]}, "env": request{"INTERLEAVE": seed}, "onDisconnect": "keep"}
}

func expected(seed string) (stdout, stderr []byte) {
	pieces(seed, func(fd int, data []byte) {
		if fd == 1 {
			stdout = append(stdout, data...)
		} else {
			stderr = append(stderr, data...)
		}
	})
	return stdout, stderr
}

func same(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if sha256.Sum256(got) != sha256.Sum256(want) {
		t.Errorf("%s: %d bytes differ from the %d expected", what, len(got), len(want))
	}
}

func TestInterleavedOutputArrivesWholeAndInOneOrder(t *testing.T) {
	f := serve(t, 64<<20)
	stdout, stderr := expected("1")
	body := interleaver("1")
	body["name"] = "noise"
	r := f.watch(body)
	if r.exit == nil || r.exit.Outcome != "exited" || *r.exit.Code != 0 || r.gaps != nil {
		t.Fatalf("exit %+v, gaps %v", r.exit, r.gaps)
	}
	same(t, "stdout", r.stdout, stdout)
	same(t, "stderr", r.stderr, stderr)
	for view, want := range map[string][]byte{"": r.combined, "&stream=stdout": stdout, "&stream=stderr": stderr} {
		same(t, "log"+view, f.resumed("noise", view, rand.New(rand.NewPCG(9, 9))), want)
	}
}

// resumed reads a view to its end in many pieces: each connection is cut after some frames, and the next goes on where it ended.
func (f *fixture) resumed(id, view string, random *rand.Rand) []byte {
	f.t.Helper()
	var whole result
	whole.next = 0
	for whole.exit == nil {
		path := fmt.Sprintf("/v1/processes/%s/log?follow=true&offset=%d%s", id, whole.next, view)
		response := f.call("GET", path, "log", nil, nil)
		for range 1 + random.IntN(400) {
			frame, err := frames.Read(response.Body)
			if errors.Is(err, io.EOF) && whole.exit != nil {
				break
			}
			if err != nil {
				f.t.Fatal(err)
			}
			whole.add(f.t, frame)
		}
		response.Body.Close()
	}
	if whole.end != whole.next || whole.gaps != nil {
		f.t.Errorf("ends at %d, exit says %d, gaps %v", whole.next, whole.end, whole.gaps)
	}
	return whole.combined
}

func TestReaderThatIsCutWhileTheProcessRunsLosesNothing(t *testing.T) {
	f := serve(t, 2<<20) // smaller than the output: the process has to wait for its reader
	stdout, stderr := expected("2")
	body := interleaver("2")
	body["name"], body["onFull"] = "noise", "wait"
	f.answer(f.call("POST", "/v1/processes", "exec", jsonBody(body), nil), 201, nil)
	got := f.resumed("noise", "", rand.New(rand.NewPCG(3, 3)))
	if len(got) != len(stdout)+len(stderr) {
		t.Errorf("%d bytes, expected %d", len(got), len(stdout)+len(stderr))
	}
}

func TestOutputBeyondTheSpoolShowsAGapAndKeepsItsEnd(t *testing.T) {
	f := serve(t, 1<<20)
	stdout, _ := expected("3")
	body := interleaver("3")
	body["name"] = "noise"
	f.answer(f.call("POST", "/v1/processes", "exec", jsonBody(body), nil), 201, nil)
	f.collect(f.call("GET", "/v1/processes/noise/log?follow=true&offset=999999999", "log", nil, nil))
	response := f.call("GET", "/v1/processes/noise/log?stream=stdout", "log", nil, nil)
	first := response.Header.Get("AgentTier-First-Offset")
	r := f.collect(response)
	if len(r.gaps) != 1 || r.gaps[0][0] != 0 || strconv.FormatInt(r.gaps[0][1], 10) != first || r.exit == nil {
		t.Fatalf("gaps %v, first offset %s, exit %+v", r.gaps, first, r.exit)
	}
	if r.end != int64(len(stdout)) || !bytes.Equal(r.stdout, stdout[r.gaps[0][1]:]) {
		t.Errorf("end %d, %d bytes after the gap", r.end, len(r.stdout))
	}
}

func TestLogWithoutFollowEndsAtThePresentEnd(t *testing.T) {
	f := serve(t, 1<<20)
	body := script("echo begun; sleep 1000")
	body["name"] = "long"
	response := f.call("POST", "/v1/processes?watch=true", "exec", jsonBody(body), nil)
	defer response.Body.Close()
	for {
		frame, err := frames.Read(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if frame.Type == frames.Stdout {
			break
		}
	}
	now := f.call("GET", "/v1/processes/long/log?offset=2", "log", nil, nil)
	if now.Header.Get("AgentTier-Class") != "exec" || now.Header.Get("AgentTier-Process") != incarnation+".long" || now.Header.Get("AgentTier-Started-By") != "alice" {
		t.Errorf("header %v", now.Header)
	}
	if r := f.collect(now); string(r.stdout) != "gun\n" || r.exit != nil || r.start.ID != incarnation+".long" {
		t.Errorf("stdout %q, exit %+v", r.stdout, r.exit)
	}
	f.answer(f.call("DELETE", "/v1/processes/long", "signal", nil, nil), http.StatusNoContent, nil)
	rest := result{next: -1}
	for rest.exit == nil {
		frame, err := frames.Read(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		rest.add(t, frame)
	}
	if rest.exit.Outcome != "canceled" || rest.exit.By != "alice" {
		t.Errorf("exit %+v", *rest.exit)
	}
	message := f.fails(f.call("GET", "/v1/processes/long/log?offset=7", "log", nil, nil), 400, "BadRequest")
	if want := "offset 7 is beyond the end of an ended process: its output ends at 6"; message != want {
		t.Errorf("message %q, expected %q", message, want)
	}
}

func TestQuietStreamCarriesKeepalives(t *testing.T) {
	f := serveWith(t, 1<<20, 10*time.Second, time.Millisecond)
	response := f.call("POST", "/v1/processes?watch=true", "exec", jsonBody(exec("sleep", "1000")), nil)
	defer response.Body.Close()
	for count := 0; count < 3; {
		frame, err := frames.Read(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if frame.Type == frames.Keepalive {
			count++
		}
	}
}

func TestClientThatLeavesCancelsAfterTheGrace(t *testing.T) {
	f := serveWith(t, 1<<20, time.Millisecond, 0)
	body := exec("sleep", "1000")
	body["name"] = "left"
	response := f.call("POST", "/v1/processes?watch=true", "exec", jsonBody(body), nil)
	if _, err := frames.Read(response.Body); err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	var info process.Info
	for info.Exit == nil {
		f.answer(f.call("GET", "/v1/processes/left", "processes", nil, nil), 200, &info)
	}
	if info.Exit.Outcome != "canceled" || info.Exit.By != "disconnect" {
		t.Errorf("exit %+v", *info.Exit)
	}
}
