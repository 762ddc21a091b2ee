package spool

import (
	"slices"
	"sort"
	"sync"
)

// Output is all that one process writes.
type Output struct {
	spool *Spool
	// patient outputs wait for a reader when there is no room, even while nobody reads.
	patient bool
	room    chan struct{}
	// writing is held by the one that appends, also while it waits for room: then both streams wait.
	writing sync.Mutex

	mu sync.Mutex
	// blocks are those kept, oldest first: spilled ones, then those in memory. The last is open for more.
	blocks  []*block
	spilled int
	first   position
	end     position
	ended   bool
	// abandoned outputs take nothing more, and their process waits no longer for room.
	abandoned bool
	readers   map[*Reader]bool
}

// NewOutput begins an empty output.
func (s *Spool) NewOutput(patient bool) *Output {
	return &Output{spool: s, patient: patient, room: make(chan struct{}, 1), readers: map[*Reader]bool{}}
}

// Append adds bytes of a stream; it blocks while there is no room and rules forbid to drop any. After End it adds nothing.
func (o *Output) Append(s Stream, bytes []byte) {
	o.writing.Lock()
	defer o.writing.Unlock()
	for len(bytes) > 0 {
		n, full := o.appendSome(s, bytes)
		bytes = bytes[n:]
		if full {
			o.evict()
		}
	}
}

func (o *Output) appendSome(s Stream, bytes []byte) (n int, full bool) {
	limit := processMemory / blockBytes
	if o.spool.overMemory() {
		limit = 1
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended || o.abandoned {
		return len(bytes), false
	}
	var open *block
	if inMemory := len(o.blocks) - o.spilled; inMemory > 0 {
		open = o.blocks[len(o.blocks)-1]
		if open.room(s) == 0 {
			open = nil
			if inMemory >= limit {
				return 0, true
			}
		}
	}
	if open == nil {
		open = &block{start: o.end, end: o.end}
		o.blocks = append(o.blocks, open)
	}
	before := open.size
	n = min(open.room(s), len(bytes))
	open.append(s, bytes[:n])
	o.end = open.end
	o.spool.charge(open.size - before)
	o.notify()
	return n, false
}

// evict moves the oldest block of memory to the file; when there is no room there, it drops what may be dropped, or waits.
func (o *Output) evict() {
	for !o.makeRoom() {
		o.spool.hold(o, true)
		done := o.makeRoom() // again: what happened before hold woke nobody
		if !done {
			<-o.room
		}
		o.spool.hold(o, false)
		if done {
			return
		}
	}
}

func (o *Output) makeRoom() bool {
	return o.isAbandoned() || o.spill() || o.spool.dropEnded() || o.dropOldest()
}

// Abandon throws away what is appended from now on, and lets go of whoever waits for room. End is still to come.
func (o *Output) Abandon() {
	o.mu.Lock()
	o.abandoned = true
	o.mu.Unlock()
	o.wake()
}

func (o *Output) isAbandoned() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.abandoned
}

// spill moves the oldest block in memory to the file; true also when there is none.
func (o *Output) spill() bool {
	o.mu.Lock()
	if o.spilled == len(o.blocks) {
		o.mu.Unlock()
		return true
	}
	oldest := o.blocks[o.spilled]
	data := oldest.data
	o.mu.Unlock()
	slot, ok := o.spool.take()
	if !ok {
		return false
	}
	if !o.spool.write(slot, data) {
		o.spool.give([]int{slot})
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.spilled == len(o.blocks) || o.blocks[o.spilled] != oldest { // released meanwhile
		o.spool.give([]int{slot})
		return true
	}
	o.leftMemory(oldest.size)
	oldest.slot, oldest.data = slot, nil
	o.spilled++
	return true
}

// dropOldest drops the oldest block if no rule keeps it for a reader; true also when there is none.
func (o *Output) dropOldest() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.blocks) == 0 {
		return true
	}
	if o.patient && len(o.readers) == 0 {
		return false
	}
	for r := range o.readers {
		if r.passed < o.blocks[0].end[Combined] {
			return false
		}
	}
	o.drop()
	return true
}

// dropSpilled drops the oldest block if it lies in the file.
func (o *Output) dropSpilled() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.spilled == 0 {
		return false
	}
	o.drop()
	return true
}

// drop forgets the oldest block. Called with the lock held and at least one block.
func (o *Output) drop() {
	oldest := o.blocks[0]
	o.blocks[0] = nil
	o.blocks = o.blocks[1:]
	o.first = oldest.end
	if oldest.data == nil {
		o.spilled--
		o.spool.give([]int{oldest.slot})
	} else {
		o.leftMemory(oldest.size)
	}
}

// leftMemory is told of a block that is not in memory any more. Called with the lock held.
func (o *Output) leftMemory(size int) {
	o.spool.charge(-size)
	if o.ended {
		o.spool.retire(-size)
	}
}

// spillAll moves an ended output out of memory, to the file or, without room, away.
func (o *Output) spillAll() {
	o.writing.Lock()
	defer o.writing.Unlock()
	for o.inMemory() {
		if o.spill() || o.spool.dropEnded() {
			continue
		}
		o.mu.Lock()
		if len(o.blocks) > 0 {
			o.drop()
		}
		o.mu.Unlock()
	}
}

// spillWhatFits moves an ended output to the file, where that of others that ended goes for it, the oldest first.
func (o *Output) spillWhatFits() {
	o.writing.Lock()
	defer o.writing.Unlock()
	for o.inMemory() && (o.spill() || o.spool.dropEnded()) {
	}
}

func (o *Output) inMemory() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.spilled < len(o.blocks)
}

// memory is how many bytes of it are not in the file.
func (o *Output) memory() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sizeInMemory()
}

func (o *Output) sizeInMemory() (size int) {
	for _, b := range o.blocks[o.spilled:] {
		size += b.size
	}
	return size
}

// End says that nothing comes any more; readers get an end after the last byte.
func (o *Output) End() {
	o.mu.Lock()
	o.ended = true
	if n := len(o.blocks); n > 0 && o.blocks[n-1].data != nil {
		o.blocks[n-1].data = slices.Clone(o.blocks[n-1].data) // without the spare capacity
	}
	o.spool.retire(o.sizeInMemory())
	o.notify()
	o.mu.Unlock()
	o.spool.addEnded(o)
}

// Release drops everything; it is for an ended output that nobody will ask for again.
func (o *Output) Release() {
	o.spool.forget(o)
	o.mu.Lock()
	var slots []int
	for _, b := range o.blocks {
		if b.data == nil {
			slots = append(slots, b.slot)
		} else {
			o.leftMemory(b.size)
		}
	}
	o.blocks, o.spilled, o.first = nil, 0, o.end
	o.notify()
	o.mu.Unlock()
	o.spool.punch(slots)
	o.spool.give(slots)
}

// EndOf is the offset after the last byte of v so far.
func (o *Output) EndOf(v View) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.end[v]
}

// FirstOf is the offset of the oldest byte of v that is kept.
func (o *Output) FirstOf(v View) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.first[v]
}

// find returns the block that holds offset of view v. Called with the lock held and an offset that is kept.
func (o *Output) find(v View, offset int64) *block {
	i := sort.Search(len(o.blocks), func(i int) bool { return o.blocks[i].end[v] > offset })
	return o.blocks[i]
}

// notify tells all readers to look again. Called with the lock held.
func (o *Output) notify() {
	for r := range o.readers {
		select {
		case r.changed <- struct{}{}:
		default:
		}
	}
}

// wake tells the one that waits for room to look again.
func (o *Output) wake() {
	select {
	case o.room <- struct{}{}:
	default:
	}
}
