package server

import (
	"net/http"

	"agenttier.io/images/sandboxd/internal/fault"
)

// ready holds its answer until the start sequence has ended, so that the kubelet learns of it at once.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		writeFault(w, fault.MethodNotAllowed("%.20q is not possible on /readyz", r.Method))
		return
	}
	hold := make(chan struct{})
	timer := s.Clock.AfterFunc(readyHold, func() { close(hold) })
	defer timer.Stop()
	select {
	case <-s.Stopping:
	case <-s.Ready:
	case <-hold:
	case <-r.Context().Done():
	}
	select {
	case <-s.Stopping:
		writeFault(w, fault.Unavailable("the sandbox is being stopped"))
		return
	default:
	}
	select {
	case <-s.Ready:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok"))
	default:
		writeFault(w, fault.Unavailable("the start sequence has not ended within %s: ask again", readyHold))
	}
}
