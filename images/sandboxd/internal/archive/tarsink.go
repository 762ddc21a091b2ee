package archive

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"io"
	"io/fs"
	"syscall"
)

// leftOutRecord is the pax record that names what is left out, in a global header at the end.
const leftOutRecord = "AGENTTIER.leftout"

// written is how much compressed output is gathered before it is handed on.
const written = 32 << 10

type tarSink struct {
	tar      *tar.Writer
	gzip     *gzip.Writer
	buffered *bufio.Writer
	buffer   []byte
}

func newTarSink(to io.Writer) *tarSink {
	buffered := bufio.NewWriterSize(to, written)
	compressed, err := gzip.NewWriterLevel(buffered, gzip.BestSpeed) // a sandbox's processor is for its programs
	if err != nil {
		panic(err) // only for a level that there is not
	}
	return &tarSink{tar: tar.NewWriter(compressed), gzip: compressed, buffered: buffered, buffer: make([]byte, 64<<10)}
}

// header leaves out the names of user and group, which would have to be looked up in files of the sandbox.
func header(kind byte, name string, info fs.FileInfo) *tar.Header {
	h := &tar.Header{Typeflag: kind, Name: name, Mode: int64(info.Mode().Perm()), ModTime: info.ModTime(), Format: tar.FormatPAX}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		h.Uid, h.Gid = int(stat.Uid), int(stat.Gid)
	}
	return h
}

func (s *tarSink) folder(name string, info fs.FileInfo) error {
	return s.tar.WriteHeader(header(tar.TypeDir, name+"/", info))
}

func (s *tarSink) link(name, target string, info fs.FileInfo) error {
	h := header(tar.TypeSymlink, name, info)
	h.Linkname = target
	return s.tar.WriteHeader(h)
}

func (s *tarSink) file(name string, info fs.FileInfo, content io.Reader) error {
	h := header(tar.TypeReg, name, info)
	h.Size = info.Size()
	if err := s.tar.WriteHeader(h); err != nil {
		return err
	}
	return copyAll(s.tar, content, s.buffer)
}

func (s *tarSink) end(leftOut string) error {
	if leftOut != "" {
		h := &tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{leftOutRecord: leftOut}}
		if err := s.tar.WriteHeader(h); err != nil {
			return err
		}
	}
	for _, step := range []func() error{s.tar.Close, s.gzip.Close, s.buffered.Flush} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// copyAll copies through buffer, never by a short cut of either side that would make one of its own.
func copyAll(to io.Writer, from io.Reader, buffer []byte) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, buffer)
	return err
}
