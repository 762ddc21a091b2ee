package archive

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"io"
	"io/fs"
)

type zipSink struct {
	zip      *zip.Writer
	buffered *bufio.Writer
	buffer   []byte
}

func newZipSink(to io.Writer) *zipSink {
	buffered := bufio.NewWriterSize(to, written)
	s := &zipSink{zip: zip.NewWriter(buffered), buffered: buffered, buffer: make([]byte, 64<<10)}
	var deflate *flate.Writer // one for all files, which come one after the other
	s.zip.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		if deflate != nil {
			deflate.Reset(out)
			return deflate, nil
		}
		var err error
		deflate, err = flate.NewWriter(out, flate.BestSpeed) // a sandbox's processor is for its programs
		return deflate, err
	})
	return s
}

func (s *zipSink) create(name string, info fs.FileInfo, method uint16) (io.Writer, error) {
	h := &zip.FileHeader{Name: name, Method: method, Modified: info.ModTime()}
	h.SetMode(info.Mode().Type() | info.Mode().Perm())
	return s.zip.CreateHeader(h)
}

func (s *zipSink) folder(name string, info fs.FileInfo) error {
	_, err := s.create(name+"/", info, zip.Store)
	return err
}

func (s *zipSink) link(name, target string, info fs.FileInfo) error {
	to, err := s.create(name, info, zip.Store)
	if err == nil {
		_, err = io.WriteString(to, target)
	}
	return err
}

func (s *zipSink) file(name string, info fs.FileInfo, content io.Reader) error {
	to, err := s.create(name, info, zip.Deflate)
	if err != nil {
		return err
	}
	return copyAll(to, content, s.buffer)
}

func (s *zipSink) end(leftOut string) error {
	if err := s.zip.SetComment(leftOut); err != nil {
		return err
	}
	if err := s.zip.Close(); err != nil {
		return err
	}
	return s.buffered.Flush()
}
