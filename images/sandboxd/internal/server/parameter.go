package server

import (
	"io/fs"
	"net/url"
	"strconv"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
)

// flag reads a boolean query parameter; absent is false.
func flag(c *call, name string) (bool, error) {
	switch value := c.query.Get(name); value {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, fault.BadRequest("%s %.40q: expected true or false", name, value)
	}
}

// number reads a count that is not negative; absent is otherwise.
func number(c *call, name string, otherwise int64) (int64, error) {
	if !c.query.Has(name) {
		return otherwise, nil
	}
	value, err := strconv.ParseInt(c.query.Get(name), 10, 64)
	if err != nil || value < 0 {
		return 0, fault.BadRequest("%s %.40q: expected a number from 0 on", name, c.query.Get(name))
	}
	return value, nil
}

// mode reads permission bits as octal digits; nil when absent.
func mode(c *call) (*fs.FileMode, error) {
	if !c.query.Has("mode") {
		return nil, nil
	}
	value, err := strconv.ParseUint(c.query.Get("mode"), 8, 32)
	if err != nil || value > 0o777 {
		return nil, fault.BadRequest("mode %.40q: expected octal digits from 0000 to 0777", c.query.Get("mode"))
	}
	bits := fs.FileMode(value)
	return &bits, nil
}

// modified reads the time that a file is to bear; nil when absent.
func modified(c *call) (*time.Time, error) {
	if !c.query.Has("mtime") {
		return nil, nil
	}
	value, err := time.Parse(time.RFC3339Nano, c.query.Get("mtime"))
	if err != nil {
		return nil, fault.BadRequest("mtime %.40q: expected RFC 3339 such as 2026-01-31T23:59:59.5Z", c.query.Get("mtime"))
	}
	return &value, nil
}

// headerText makes any text safe for a header: percent-encoded where it is not visible ASCII.
func headerText(text string) string {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' || text[i] == '%' {
			return url.PathEscape(text)
		}
	}
	return text
}
