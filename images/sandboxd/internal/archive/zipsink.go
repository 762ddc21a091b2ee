package archive

import (
	"bufio"
	"compress/flate"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
)

type zipSink struct {
	out       *counting
	deflate   *flate.Writer
	directory *zipDirectory
	buffer    []byte
}

func newZipSink(to io.Writer) *zipSink {
	s := &zipSink{out: &counting{to: bufio.NewWriterSize(to, written)}, directory: newZipDirectory(), buffer: make([]byte, 64<<10)}
	s.deflate = fastDeflate(s.out)
	return s
}

// fastDeflate is at its fastest, since a sandbox's processor is for its programs.
func fastDeflate(to io.Writer) *flate.Writer {
	w, err := flate.NewWriter(to, flate.BestSpeed)
	if err != nil {
		panic(err) // only for a level that there is not
	}
	return w
}

func (s *zipSink) header(name string, info fs.FileInfo) *zipHeader {
	return &zipHeader{name: name, mode: info.Mode(), modified: info.ModTime(), offset: s.out.count}
}

func (s *zipSink) folder(name string, info fs.FileInfo) error {
	return s.store(s.header(name+"/", info), nil)
}

func (s *zipSink) link(name, target string, info fs.FileInfo) error {
	return s.store(s.header(name, info), []byte(target))
}

func (s *zipSink) store(h *zipHeader, content []byte) error {
	h.method, h.sum = stored, crc32.ChecksumIEEE(content)
	h.size, h.compressed = uint64(len(content)), uint64(len(content))
	for _, part := range [][]byte{h.local(), content} {
		if _, err := s.out.Write(part); err != nil {
			return err
		}
	}
	return s.directory.add(h)
}

func (s *zipSink) file(name string, info fs.FileInfo, content io.Reader) error {
	h := s.header(name, info)
	h.method, h.large = deflated, mayBeLarge(info.Size())
	if _, err := s.out.Write(h.local()); err != nil {
		return err
	}
	begin, sum := s.out.count, crc32.NewIEEE()
	s.deflate.Reset(s.out)
	if err := copyAll(io.MultiWriter(s.deflate, sum), content, s.buffer); err != nil {
		return err
	}
	if err := s.deflate.Close(); err != nil {
		return err
	}
	h.size, h.compressed, h.sum = uint64(info.Size()), s.out.count-begin, sum.Sum32()
	if _, err := s.out.Write(h.descriptor()); err != nil {
		return err
	}
	return s.directory.add(h)
}

func (s *zipSink) end(leftOut string) error {
	end := zipEnd{start: s.out.count, records: s.directory.records, comment: leftOut[:min(len(leftOut), math.MaxUint16)]}
	if err := s.directory.copyTo(s.out, s.buffer); err != nil {
		return err
	}
	end.length = s.out.count - end.start
	if _, err := s.out.Write(end.encode()); err != nil {
		return err
	}
	return s.out.to.Flush()
}

// counting knows how much has passed.
type counting struct {
	to    *bufio.Writer
	count uint64
}

func (c *counting) Write(bytes []byte) (int, error) {
	n, err := c.to.Write(bytes)
	c.count += uint64(n)
	return n, err
}
