package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"agenttier.io/images/sandboxd/internal/fault"
)

// protocolHeader goes with every answer.
const protocolHeader = "AgentTier-Protocol"

// answerTime is how long one piece of an answer may take to be taken by the client, and one piece of a body to arrive.
const answerTime = 60 * time.Second

func writeJSON(w http.ResponseWriter, status int, value any) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		writeFault(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(text.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // the client may be gone
}

func writeFault(w http.ResponseWriter, err error) {
	f := fault.From(err)
	for key, value := range f.Header {
		w.Header().Set(key, value)
	}
	writeJSON(w, f.Status, struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}{f.Reason, f.Message})
}

// patient gives each write its own time: a large answer may take long as long as it moves. A deadline stays on the connection, so
// every answer has to set one anew, also for what net/http writes after the handler.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

func newPatient(w http.ResponseWriter) *patient {
	return &patient{ResponseWriter: w, control: http.NewResponseController(w)}
}

// Unwrap lets http.ResponseController reach the connection.
func (p *patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (p *patient) Write(bytes []byte) (int, error) {
	if err := p.extend(); err != nil {
		return 0, err
	}
	return p.ResponseWriter.Write(bytes)
}

// Push sends what has been written so far.
func (p *patient) Push() error {
	if err := p.extend(); err != nil {
		return err
	}
	return p.control.Flush()
}

func (p *patient) extend() error { return p.control.SetWriteDeadline(time.Now().Add(answerTime)) }

// patientBody is a request body of which each piece may take its own time.
type patientBody struct {
	body    io.Reader
	control *http.ResponseController
}

func (p patientBody) Read(bytes []byte) (int, error) {
	if err := p.control.SetReadDeadline(time.Now().Add(answerTime)); err != nil {
		return 0, err
	}
	return p.body.Read(bytes)
}

// rest lets the connection wait again for as long as it likes, once a body has been read.
func (p patientBody) rest() { _ = p.control.SetReadDeadline(time.Time{}) }
