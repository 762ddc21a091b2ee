package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	controlTimeout = 10 * time.Second
	largestAnswer  = 1 << 20
)

// Handler serves the control socket of a node: GET /status, POST /restart?component=NAME.
func (s *Supervisor) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		// A client that hung up is the only failure there can be.
		_ = json.NewEncoder(w).Encode(s.Status(r.Context()))
	})
	mux.HandleFunc("POST /restart", func(w http.ResponseWriter, r *http.Request) {
		err := s.Restart(r.URL.Query().Get("component"))
		switch {
		case errors.Is(err, ErrUnknown):
			http.Error(w, err.Error(), http.StatusNotFound)
		case err != nil:
			http.Error(w, err.Error(), http.StatusConflict)
		default:
			w.WriteHeader(http.StatusAccepted)
		}
	})
	return mux
}

// Serve answers on the control socket until ctx ends.
func (s *Supervisor) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: s.Handler(), ReadTimeout: controlTimeout, WriteTimeout: controlTimeout, MaxHeaderBytes: 8 << 10}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Control talks to the supervisor of a node through its socket.
type Control struct{ Socket string }

// Status asks for the state of all components.
func (c Control) Status(ctx context.Context) ([]Status, error) {
	body, err := c.do(ctx, http.MethodGet, "/status")
	if err != nil {
		return nil, err
	}
	var all []Status
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, fmt.Errorf("reading the supervisor's answer: %w", err)
	}
	return all, nil
}

// Restart asks for a component to be started anew.
func (c Control) Restart(ctx context.Context, component string) error {
	_, err := c.do(ctx, http.MethodPost, "/restart?component="+url.QueryEscape(component))
	return err
}

func (c Control) do(ctx context.Context, method, path string) ([]byte, error) {
	client := &http.Client{Timeout: controlTimeout, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", c.Socket)
		},
	}}
	request, err := http.NewRequestWithContext(ctx, method, "http://supervisor"+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, largestAnswer))
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("supervisor: %s", strings.TrimSpace(string(body)))
	}
	return body, nil
}
