package server

import (
	"context"
	"io"
	"net/http"
	"os"
	"regexp"
	"time"

	"agenttier.io/images/sandboxd/internal/archive"
	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/files"
	"agenttier.io/images/sandboxd/internal/process"
	"agenttier.io/images/sandboxd/internal/spool"
	"agenttier.io/images/sandboxd/internal/upload"
)

const (
	// archiveClass is that of the processes which make archives.
	archiveClass = "arch"
	archiveLimit = 2 * time.Hour
	// archivePatience is how long an archive waits for a reader who was cut: longer than for a command, since it costs little.
	archivePatience = 5 * time.Minute
)

var uploadID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// startArchive begins a process that makes an archive, and answers with its stdout.
func (s *Server) startArchive(c *call) error {
	format, err := archive.WritableFormat(c.query.Get("format"))
	if err != nil {
		return err
	}
	folder, err := s.Files.Subtree(c.query.Get("path"), false)
	if err != nil {
		return err
	}
	p, release, err := s.Processes.Make(process.Making{
		Class: archiveClass, Name: folder.Base() + "." + string(format), By: c.claims.Subject, Limit: archiveLimit, Patience: archivePatience,
		Make: func(ctx context.Context, stdout, stderr io.Writer) error {
			defer folder.Root.Close()
			return archive.Write(ctx, folder, format, stdout, stderr)
		},
	})
	if err != nil {
		folder.Root.Close()
		return err
	}
	defer release()
	return s.stream(c, p, view{of: spool.OnlyStdout, follow: true})
}

// takeArchive puts an archive in place, or takes a part of one.
func (s *Server) takeArchive(c *call) error {
	format, err := archive.ReadableFormat(c.query.Get("format"))
	if err != nil {
		return err
	}
	most, err := number(c, "maxBytes", 0)
	if err != nil {
		return err
	}
	body := patientBody{c.request.Body, c.control}
	defer body.rest()
	part := upload.Part{
		Key: upload.Key{By: c.claims.Subject, ID: c.query.Get("upload")}, Target: string(format) + ":" + c.query.Get("path"),
		Body: body, Final: true, MaxBytes: most,
	}
	if part.Offset, err = number(c, "offset", 0); err != nil {
		return err
	}
	if most > 0 && c.request.ContentLength > most-part.Offset {
		return fault.TooLarge("the archive would have %d bytes: at most %d", part.Offset+c.request.ContentLength, most)
	}
	if !c.query.Has("upload") {
		if c.query.Has("offset") || c.query.Has("final") {
			return fault.BadRequest("offset and final are for parts of an upload: name it by upload=<an id of your choice>")
		}
		return s.takeWhole(c, format, part)
	}
	if !uploadID.MatchString(part.ID) {
		return fault.BadRequest("upload %.80q: expected 1 to 64 of A-Z a-z 0-9 . _ -", part.ID)
	}
	if part.Final, err = flag(c, "final"); err != nil {
		return err
	}
	if part.Offset == 0 { // what can be said before a byte is taken
		if folder, err := s.target(c); err == nil {
			folder.Root.Close()
		} else {
			return err
		}
	}
	next, result, err := s.uploads.Add(c.request.Context(), part, func(ctx context.Context, file *os.File, size int64) (any, error) {
		return s.extract(ctx, c.query.Get("path"), format, file, size)
	})
	if err != nil {
		return s.Files.Explain(err)
	}
	if result != nil {
		writeJSON(c, http.StatusOK, result)
		return nil
	}
	writeJSON(c, http.StatusAccepted, struct {
		Upload string `json:"upload"`
		Offset int64  `json:"offset"`
	}{part.ID, next})
	return nil
}

func (s *Server) target(c *call) (*files.Subtree, error) {
	return s.Files.Subtree(c.query.Get("path"), true)
}

// takeWhole extracts an archive that comes in one call: a tar as it comes, a zip once it is there, since its directory is at its end.
func (s *Server) takeWhole(c *call, format archive.Format, part upload.Part) error {
	body := part.Body
	if part.MaxBytes > 0 {
		body = &bounding{from: body, left: part.MaxBytes, most: part.MaxBytes}
	}
	ctx := c.request.Context()
	folder, err := s.target(c)
	if err != nil {
		return err
	}
	defer folder.Root.Close()
	var done archive.Extracted
	if format == archive.Zip {
		file, err := s.Files.Staging()
		if err != nil {
			return err
		}
		defer file.Close()
		size, err := io.Copy(file, struct{ io.Reader }{body})
		if err != nil {
			return folder.Explain(".", err)
		}
		done, err = archive.ExtractZip(ctx, folder, file, size)
		if err != nil {
			return err
		}
	} else if done, err = archive.Extract(ctx, folder, format, body); err != nil {
		return err
	}
	writeJSON(c, http.StatusOK, done)
	return nil
}

// extract puts an archive in place that has come in parts.
func (s *Server) extract(ctx context.Context, path string, format archive.Format, file *os.File, size int64) (archive.Extracted, error) {
	folder, err := s.Files.Subtree(path, true)
	if err != nil {
		return archive.Extracted{}, err
	}
	defer folder.Root.Close()
	if format == archive.Zip {
		return archive.ExtractZip(ctx, folder, file, size)
	}
	return archive.Extract(ctx, folder, format, io.NewSectionReader(file, 0, size))
}

// CloseUploads stops what is being put in place, and waits for that.
func (s *Server) CloseUploads() { s.uploads.Close() }

// bounding refuses a body of more than most bytes.
type bounding struct {
	from       io.Reader
	left, most int64
}

func (b *bounding) Read(bytes []byte) (int, error) {
	n, err := b.from.Read(bytes)
	if b.left -= int64(n); b.left < 0 {
		return 0, fault.TooLarge("the archive has more than %d bytes, the most that is allowed", b.most)
	}
	return n, err
}
