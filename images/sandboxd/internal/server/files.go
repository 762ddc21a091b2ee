package server

import (
	"errors"
	"net/http"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/files"
)

func (s *Server) readFiles(c *call) error {
	path := c.query.Get("path")
	stat, err := flag(c, "stat")
	if err != nil {
		return err
	}
	list, err := flag(c, "list")
	if err != nil {
		return err
	}
	if stat {
		entry, err := s.Files.Stat(path)
		if err != nil {
			return err
		}
		writeJSON(c, http.StatusOK, entry)
		return nil
	}
	if !list {
		file, isFolder, err := s.Files.Open(path)
		if err != nil {
			return err
		}
		if !isFolder {
			defer file.Close()
			sendFile(c, file)
			return nil
		}
	}
	limit, err := number(c, "limit", files.DefaultLimit)
	if err != nil {
		return err
	}
	page, err := s.Files.List(c.request.Context(), path, int(min(limit, files.MaxLimit+1)), c.query.Get("continue"))
	if err != nil {
		return err
	}
	writeJSON(c, http.StatusOK, page)
	return nil
}

// sendFile answers with the bytes; net/http does ranges and conditions.
func sendFile(c *call, file *files.File) {
	header := c.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("ETag", file.ETag)
	header.Set("AgentTier-File-Mode", file.Mode)
	http.ServeContent(&fileWriter{patient: c.patient, file: file}, c.request, "", file.Info.ModTime(), file)
}

var errUnreadable = errors.New("the file cannot be read")

// fileWriter turns the plain text errors of http.ServeContent into ours.
type fileWriter struct {
	*patient
	file   *files.File
	failed bool
}

func (f *fileWriter) WriteHeader(status int) {
	switch status {
	case http.StatusRequestedRangeNotSatisfiable:
		f.fail(fault.RangeNotSatisfiable("Range is not one of this file, which has %d bytes", f.file.Info.Size()))
	case http.StatusInternalServerError:
		f.fail(errUnreadable)
	case http.StatusPreconditionFailed:
		f.fail(fault.PreconditionFailed("the file has ETag %s: If-Match or If-Unmodified-Since asks for another", f.file.ETag))
	default:
		f.patient.WriteHeader(status)
	}
}

func (f *fileWriter) fail(err error) {
	f.failed = true
	writeFault(f.patient, err)
}

func (f *fileWriter) Write(bytes []byte) (int, error) {
	if f.failed {
		return len(bytes), nil
	}
	return f.patient.Write(bytes)
}

func (s *Server) writeFile(c *call) error {
	bits, err := mode(c)
	if err != nil {
		return err
	}
	when, err := modified(c)
	if err != nil {
		return err
	}
	how := files.Write{Mode: bits, Modified: when, Condition: files.Condition{Match: c.request.Header.Get("If-Match")}}
	if how.MaxBytes, err = number(c, "maxBytes", 0); err != nil {
		return err
	}
	switch value := c.request.Header.Get("If-None-Match"); value {
	case "":
	case "*":
		how.Absent = true
	default:
		return fault.BadRequest("If-None-Match %.100q: a write understands \"*\" only", value)
	}
	offset, err := number(c, "offset", 0)
	if err != nil {
		return err
	}
	if how.MaxBytes > 0 && c.request.ContentLength > how.MaxBytes-offset {
		return fault.TooLarge("the file would have %d bytes: at most %d", offset+c.request.ContentLength, how.MaxBytes)
	}
	body := patientBody{c.request.Body, c.control}
	defer body.rest()
	var written files.Written
	if c.query.Has("offset") {
		written, err = s.Files.Append(c.query.Get("path"), offset, body, how)
	} else {
		written, err = s.Files.Replace(c.query.Get("path"), body, how)
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	if written.Created {
		status = http.StatusCreated
	}
	writeJSON(c, status, written)
	return nil
}

// changeFiles does what op names: mkdir or move.
func (s *Server) changeFiles(c *call) error {
	var place files.Place
	var err error
	switch op := c.query.Get("op"); op {
	case "mkdir":
		place, err = s.makeFolder(c)
	case "move":
		place, err = s.moveFile(c)
	default:
		return fault.BadRequest("op %.40q: expected mkdir or move", op)
	}
	if err != nil {
		return err
	}
	writeJSON(c, http.StatusOK, place)
	return nil
}

func (s *Server) makeFolder(c *call) (files.Place, error) {
	bits, err := mode(c)
	if err != nil {
		return files.Place{}, err
	}
	when, err := modified(c)
	if err != nil {
		return files.Place{}, err
	}
	return s.Files.Mkdir(c.query.Get("path"), files.Folder{Mode: bits, Modified: when})
}

func (s *Server) moveFile(c *call) (files.Place, error) {
	overwrite, err := flag(c, "overwrite")
	if err != nil {
		return files.Place{}, err
	}
	return s.Files.Move(c.query.Get("path"), c.query.Get("to"), overwrite)
}

func (s *Server) removeFiles(c *call) error {
	recursive, err := flag(c, "recursive")
	if err != nil {
		return err
	}
	if err := s.Files.Remove(c.query.Get("path"), recursive); err != nil {
		return err
	}
	c.WriteHeader(http.StatusNoContent)
	return nil
}
