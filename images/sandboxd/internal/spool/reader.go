package spool

// Kind of what Next returns.
type Kind uint8

const (
	// Nothing yet: wait for Changed.
	Nothing Kind = iota
	// Data of one stream.
	Data
	// Gap where bytes were dropped.
	Gap
	// End after the last byte.
	End
)

// Chunk is the next piece of a view. Offsets count in the view.
type Chunk struct {
	Kind   Kind
	Stream Stream
	// From is the offset of the first byte of Data or Gap, and the end of the view for End and Nothing.
	From int64
	// To is the offset after the last.
	To int64
	// Bytes are valid until the next call.
	Bytes []byte
}

// Reader walks through one view of an Output. It belongs to one goroutine and must be closed. As long as it is open, bytes that it has
// not passed are dropped only after the process has ended.
type Reader struct {
	output  *Output
	view    View
	next    int64
	changed chan struct{}
	// passed is a combined offset before which this reader needs nothing; guarded by the output's lock.
	passed int64
	// cursor: the record of block that was read last, where it begins in the block and in the view.
	block       *block
	record      int
	recordStart int64
	// raw is a copy of spilled block rawOf.
	raw   []byte
	rawOf *block
	copy  []byte
}

// Read opens a reader of view v at offset, which may lie before what is kept (a gap comes first) or after the present end.
func (o *Output) Read(v View, offset int64) *Reader {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := &Reader{output: o, view: v, next: offset, changed: make(chan struct{}, 1)}
	r.passed = o.end[Combined]
	if from := max(offset, o.first[v]); from < o.end[v] {
		r.passed = o.find(v, from).start[Combined]
	}
	o.readers[r] = true
	return r
}

// Changed receives when Next may have more than Nothing.
func (r *Reader) Changed() <-chan struct{} { return r.changed }

// Close lets go of what the reader held.
func (r *Reader) Close() {
	r.output.mu.Lock()
	delete(r.output.readers, r)
	r.output.mu.Unlock()
	r.output.wake()
}

// Next returns the next piece without blocking on anything but the spool file.
func (r *Reader) Next() (Chunk, error) {
	o := r.output
	for {
		o.mu.Lock()
		if first := o.first[r.view]; r.next < first {
			gap := Chunk{Kind: Gap, From: r.next, To: first}
			r.next = first
			o.mu.Unlock()
			return gap, nil
		}
		if r.next >= o.end[r.view] {
			chunk := Chunk{Kind: Nothing, From: o.end[r.view], To: o.end[r.view]}
			if o.ended {
				chunk.Kind = End
			}
			r.pass(o.end[Combined])
			o.mu.Unlock()
			return chunk, nil
		}
		b := o.find(r.view, r.next)
		r.pass(b.start[Combined])
		switch {
		case b.data != nil:
			chunk := r.pick(b, b.data)
			r.copy = append(r.copy[:0], chunk.Bytes...) // the block may be extended or moved once the lock is free
			chunk.Bytes = r.copy
			o.mu.Unlock()
			return chunk, nil
		case r.rawOf == b:
			chunk := r.pick(b, r.raw)
			o.mu.Unlock()
			return chunk, nil
		}
		slot, size := b.slot, b.size
		o.mu.Unlock()
		if err := r.load(b, slot, size); err != nil {
			return Chunk{}, err
		}
	}
}

// load reads a spilled block. Its slot may be given away meanwhile: the copy counts only if the block is kept afterwards.
func (r *Reader) load(b *block, slot, size int) error {
	if cap(r.raw) < size {
		r.raw = make([]byte, blockBytes)
	}
	r.raw, r.rawOf = r.raw[:size], nil
	err := r.output.spool.read(slot, r.raw)
	r.output.mu.Lock()
	defer r.output.mu.Unlock()
	if b.end[Combined] <= r.output.first[Combined] {
		return nil
	}
	if err == nil {
		r.rawOf = b
	}
	return err
}

// pass moves the mark and wakes a process that waits for it. Called with the lock held.
func (r *Reader) pass(offset int64) {
	if offset > r.passed {
		r.passed = offset
		r.output.wake()
	}
}

// pick returns the run of one stream at r.next, which lies in block b with content data.
func (r *Reader) pick(b *block, data []byte) Chunk {
	if r.block != b {
		r.block, r.record, r.recordStart = b, 0, b.start[r.view]
	}
	for {
		stream, length := streamAt(data, r.record), lengthAt(data, r.record)
		if r.view.shows(stream) {
			if end := r.recordStart + int64(length); r.next < end {
				from := r.record + recordHeader + int(r.next-r.recordStart)
				chunk := Chunk{Kind: Data, Stream: stream, From: r.next, To: end, Bytes: data[from : r.record+recordHeader+length]}
				r.next = end
				return chunk
			}
			r.recordStart += int64(length)
		}
		r.record += recordHeader + length
	}
}
