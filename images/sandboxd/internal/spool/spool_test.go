package spool

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
)

func newSpool(t *testing.T, slots int) *Spool {
	t.Helper()
	s := New(t.TempDir(), int64(slots)*blockBytes, func(err error) { t.Error(err) })
	t.Cleanup(func() { s.Close() })
	return s
}

// written is what a test appended, by view.
type written [views]bytes.Buffer

func (w *written) append(o *Output, s Stream, data []byte) {
	o.Append(s, data)
	w[s].Write(data)
	w[Combined].Write(data)
}

// readAll reads a view from offset to its present end or to Nothing.
func readAll(t *testing.T, o *Output, v View, offset int64) (data []byte, gaps [][2]int64, ended bool) {
	t.Helper()
	r := o.Read(v, offset)
	defer r.Close()
	next := offset
	for {
		chunk, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		switch chunk.Kind {
		case Nothing, End:
			return data, gaps, chunk.Kind == End
		case Gap:
			gaps = append(gaps, [2]int64{chunk.From, chunk.To})
			next = chunk.To
		case Data:
			if chunk.From != next || chunk.To != next+int64(len(chunk.Bytes)) || len(chunk.Bytes) == 0 {
				t.Fatalf("chunk from %d to %d with %d bytes, expected from %d", chunk.From, chunk.To, len(chunk.Bytes), next)
			}
			data = append(data, chunk.Bytes...)
			next = chunk.To
		}
	}
}

func TestEachViewGivesItsBytesFromAnyOffset(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, biggest := range []int{1, 3, 5000, 200_000} {
		o := newSpool(t, 64).NewOutput(false)
		var want written
		for total := 0; total < 1<<20 && want[Combined].Len() < 60_000*biggest; {
			data := make([]byte, 1+random.IntN(biggest))
			for i := range data {
				data[i] = byte(random.Uint32())
			}
			want.append(o, Stream(random.IntN(2)), data)
			total += len(data)
		}
		o.End()
		for _, v := range []View{OnlyStdout, OnlyStderr, Combined} {
			whole := want[v].Bytes()
			offsets := []int64{0, 1, int64(len(whole)) - 1, int64(len(whole))}
			for range 10 {
				offsets = append(offsets, random.Int64N(int64(len(whole))))
			}
			for _, offset := range offsets {
				got, gaps, ended := readAll(t, o, v, offset)
				if !bytes.Equal(got, whole[offset:]) || gaps != nil || !ended {
					t.Fatalf("pieces up to %d, view %d from %d: %d bytes, expected %d; gaps %v, ended %v", biggest, v, offset, len(got), len(whole)-int(offset), gaps, ended)
				}
			}
			if o.EndOf(v) != int64(len(whole)) || o.FirstOf(v) != 0 {
				t.Errorf("view %d: from %d to %d", v, o.FirstOf(v), o.EndOf(v))
			}
		}
	}
}

func TestSmallOutputNeedsNoFile(t *testing.T) {
	s := New("/no/such/folder", 1<<20, func(err error) { t.Errorf("touched the file system: %v", err) })
	o := s.NewOutput(false)
	o.Append(Stdout, make([]byte, processMemory-blockBytes))
	o.End()
}

func TestOutputWithoutReaderLosesItsOldestBytesAndShowsAGap(t *testing.T) {
	o := newSpool(t, 4).NewOutput(false)
	var want written
	piece := bytes.Repeat([]byte("abcdefg\n"), 1000)
	for want[Combined].Len() < 40*blockBytes {
		want.append(o, Stdout, piece)
	}
	o.End()
	got, gaps, _ := readAll(t, o, OnlyStdout, 5)
	if len(gaps) != 1 || gaps[0][0] != 5 || gaps[0][1] != o.FirstOf(OnlyStdout) {
		t.Fatalf("gaps %v, first kept %d", gaps, o.FirstOf(OnlyStdout))
	}
	if !bytes.Equal(got, want[Stdout].Bytes()[gaps[0][1]:]) {
		t.Error("what is kept is not the end of what was written")
	}
	if kept := len(got); kept < 8*blockBytes || kept > 13*blockBytes {
		t.Errorf("%d bytes kept, expected about the file's 4 and the memory's 8 blocks", kept)
	}
}

func TestOutputOfEndedProcessesGoesFirstOldestFirst(t *testing.T) {
	s := newSpool(t, 12)
	fill := func(o *Output, blocks int) {
		for range blocks {
			o.Append(Stdout, make([]byte, blockBytes-recordHeader))
		}
	}
	oldest, younger, running := s.NewOutput(false), s.NewOutput(false), s.NewOutput(false)
	fill(oldest, 8+4)
	fill(younger, 8+4)
	oldest.End()
	younger.End()
	fill(running, 8+4+2) // 4 slots are free, 2 are missing
	const block = int64(blockBytes - recordHeader)
	if oldest.FirstOf(Combined) != 2*block || younger.FirstOf(Combined) != 0 || running.FirstOf(Combined) != 0 {
		t.Errorf("first kept: oldest %d, younger %d, running %d", oldest.FirstOf(Combined), younger.FirstOf(Combined), running.FirstOf(Combined))
	}
	fill(running, 3)
	if oldest.FirstOf(Combined) != 4*block || younger.FirstOf(Combined) != block || running.FirstOf(Combined) != 0 {
		t.Errorf("first kept: oldest %d, younger %d, running %d", oldest.FirstOf(Combined), younger.FirstOf(Combined), running.FirstOf(Combined))
	}
}

func TestProcessWaitsForAnAttachedReaderAndLosesNothing(t *testing.T) {
	s := newSpool(t, 2)
	synctest.Test(t, func(t *testing.T) {
		o := s.NewOutput(false)
		r := o.Read(OnlyStderr, 0)
		written := make(chan struct{})
		go func() {
			defer close(written)
			for i := range 30 {
				o.Append(Stream(i%2), bytes.Repeat([]byte{byte(i)}, blockBytes/2))
			}
			o.End()
		}()
		synctest.Wait() // the writer is held
		select {
		case <-written:
			t.Fatal("did not wait for the reader")
		default:
		}
		var got []byte
		for {
			chunk, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if chunk.Kind == End {
				break
			}
			if chunk.Kind == Gap {
				t.Fatalf("gap %+v", chunk)
			}
			if chunk.Kind == Nothing {
				<-r.Changed()
				continue
			}
			got = append(got, chunk.Bytes...)
		}
		r.Close()
		if len(got) != 15*blockBytes/2 {
			t.Errorf("%d bytes of stderr, expected %d", len(got), 15*blockBytes/2)
		}
		<-written
	})
}

func TestReaderThatLeavesSetsTheProcessFree(t *testing.T) {
	s := newSpool(t, 1)
	synctest.Test(t, func(t *testing.T) {
		o := s.NewOutput(false)
		r := o.Read(Combined, 0)
		done := make(chan struct{})
		go func() { o.Append(Stdout, make([]byte, 30*blockBytes)); close(done) }()
		synctest.Wait()
		if o.FirstOf(Combined) != 0 {
			t.Error("dropped bytes that a reader still has to get")
		}
		r.Close()
		<-done
		if o.FirstOf(Combined) == 0 {
			t.Error("nothing was dropped")
		}
	})
}

func TestPatientOutputWaitsUntilSomebodyReads(t *testing.T) {
	s := newSpool(t, 1)
	synctest.Test(t, func(t *testing.T) {
		o := s.NewOutput(true)
		done := make(chan struct{})
		go func() { o.Append(Stdout, make([]byte, 20*blockBytes)); o.End(); close(done) }()
		synctest.Wait()
		select {
		case <-done:
			t.Fatal("did not wait")
		default:
		}
		r := o.Read(Combined, 0)
		defer r.Close()
		var n int64
		for {
			chunk, err := r.Next()
			if err != nil || chunk.Kind == Gap {
				t.Fatal(chunk, err)
			}
			if chunk.Kind == End {
				break
			}
			if chunk.Kind == Nothing {
				<-r.Changed()
				continue
			}
			n += int64(len(chunk.Bytes))
		}
		<-done
		if n != 20*blockBytes {
			t.Errorf("%d bytes", n)
		}
	})
}

func TestSpaceOfAnotherEndedProcessSetsAWaitingOneFree(t *testing.T) {
	s := newSpool(t, 1)
	other := s.NewOutput(false)
	other.Append(Stdout, make([]byte, 9*blockBytes)) // takes the only slot
	synctest.Test(t, func(t *testing.T) {
		o := s.NewOutput(true)
		done := make(chan struct{})
		go func() { o.Append(Stdout, make([]byte, 8*blockBytes+blockBytes/2)); close(done) }()
		synctest.Wait()
		other.End()
		<-done
		if o.FirstOf(Combined) != 0 || other.FirstOf(Combined) == 0 {
			t.Errorf("first kept: %d, of the other %d", o.FirstOf(Combined), other.FirstOf(Combined))
		}
	})
}

func TestMemoryOfEndedProcessesMovesToTheFile(t *testing.T) {
	s := newSpool(t, 1024)
	small := s.NewOutput(false)
	small.Append(Stdout, []byte("small"))
	small.End()
	var outputs []*Output
	for i := range 60 {
		o := s.NewOutput(false)
		o.Append(Stdout, bytes.Repeat([]byte{byte(i)}, 400<<10))
		o.End()
		outputs = append(outputs, o)
	}
	if s.memory != s.retired || s.memory > endedMemory {
		t.Errorf("%d bytes are in memory, %d of ended processes: at most %d should be", s.memory, s.retired, endedMemory)
	}
	if small.memory() == 0 {
		t.Error("a small output went to the file while there were large ones")
	}
	outputs = append(outputs, small)
	for i, o := range outputs[:60] {
		got, gaps, _ := readAll(t, o, Combined, 0)
		if len(got) != 400<<10 || gaps != nil || got[len(got)/2] != byte(i) {
			t.Errorf("output %d: %d bytes, gaps %v", i, len(got), gaps)
		}
	}
	for _, o := range outputs {
		o.Release()
	}
	if s.memory != 0 || s.retired != 0 || len(s.free) != s.used {
		t.Errorf("after release %d bytes of memory and %d of %d slots are held", s.memory, s.used-len(s.free), s.used)
	}
}

func TestUnusableFolderIsSaidOnceAndOnlyOldBytesAreLost(t *testing.T) {
	warnings := 0
	s := New("/no/such/folder", 1<<20, func(error) { warnings++ })
	o := s.NewOutput(false)
	for range 40 {
		o.Append(Stdout, make([]byte, blockBytes))
	}
	o.End()
	got, gaps, ended := readAll(t, o, Combined, 0)
	if warnings != 1 || len(gaps) != 1 || len(got) < 7*blockBytes || !ended {
		t.Errorf("%d warnings, gaps %v, %d bytes kept, ended %v", warnings, gaps, len(got), ended)
	}
}

func TestFolderThatBecomesUsableIsUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "late")
	warnings := 0
	s := New(dir, 64*blockBytes, func(error) { warnings++ })
	early := s.NewOutput(false)
	early.Append(Stdout, make([]byte, 20*blockBytes))
	early.End()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	late := s.NewOutput(false)
	late.Append(Stdout, make([]byte, 20*blockBytes))
	late.End()
	got, gaps, ended := readAll(t, late, Combined, 0)
	if len(got) != 20*blockBytes || gaps != nil || !ended || early.FirstOf(Combined) == 0 || warnings != 1 {
		t.Errorf("%d bytes, gaps %v, ended %v; of the earlier output the first %d are gone, %d warnings", len(got), gaps, ended, early.FirstOf(Combined), warnings)
	}
}

func TestSpoolFileHasNoName(t *testing.T) {
	s := newSpool(t, 8)
	o := s.NewOutput(false)
	o.Append(Stdout, make([]byte, 10*blockBytes))
	entries, err := os.ReadDir(s.dir)
	if err != nil || len(entries) != 0 || s.file == nil {
		t.Errorf("entries %v, %v, file %v", entries, err, s.file)
	}
}

func TestReaderMeetsBlocksThatAreDroppedWhileItReads(t *testing.T) {
	s := newSpool(t, 3)
	o := s.NewOutput(false)
	pattern := func(at int64) byte { return byte(at ^ at>>8 ^ at>>16) }
	done := make(chan struct{})
	go func() {
		defer close(done)
		var at int64
		for range 400 {
			data := make([]byte, 30_001)
			for i := range data {
				data[i] = pattern(at)
				at++
			}
			o.Append(Stdout, data)
		}
		o.End()
	}()
	for ended := false; !ended; {
		r := o.Read(Combined, 0) // a new one each time: it holds back nothing that is gone already
		for range 5 {
			chunk, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			for i, b := range chunk.Bytes {
				if b != pattern(chunk.From+int64(i)) {
					t.Fatalf("byte at %d is %d, expected %d", chunk.From+int64(i), b, pattern(chunk.From+int64(i)))
				}
			}
			if chunk.Kind == Nothing {
				break
			}
		}
		r.Close()
		select {
		case <-done:
			ended = true
		default:
		}
	}
}
