// Package server answers the calls of protocol §4: HTTP/1.1 over TLS 1.3, each with a token. It decides who may ask and reads and
// writes the wire; what is asked for is done by the packages process and files.
package server

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"agenttier.io/images/sandboxd/internal/clock"
	"agenttier.io/images/sandboxd/internal/configure"
	"agenttier.io/images/sandboxd/internal/files"
	"agenttier.io/images/sandboxd/internal/guard"
	"agenttier.io/images/sandboxd/internal/ports"
	"agenttier.io/images/sandboxd/internal/process"
	"agenttier.io/images/sandboxd/internal/start"
	"agenttier.io/images/sandboxd/internal/token"
	"agenttier.io/images/sandboxd/internal/upload"
)

// Limits of the connection level. Every one is far above what an apiserver's few replicas need.
const (
	maxConnections  = 256
	maxHeaderBytes  = 16 << 10
	headerTime      = 10 * time.Second
	idleTime        = 5 * time.Minute
	readyHold       = 25 * time.Second
	largeBody       = 1 << 20
	largeBodies     = 2
	keepaliveBreaks = 10 * time.Second
	clientSilence   = 70 * time.Second
)

// Server holds what the calls need.
type Server struct {
	Tokens    *token.Verifier
	Processes *process.Table
	Files     *files.Tree
	// Configuration of the agent.
	Configuration *configure.Configuration
	Clock         clock.Clock
	// Ready is closed when the start sequence has ended, Stopping when the sandbox is being ended.
	Ready, Stopping <-chan struct{}
	// Guard holds starts to the constraints of the sandbox; nil allows all.
	Guard *guard.Guard
	// Hooks are those of the start plan, nil for none; Tools are how its tools were found, once ready.
	Hooks *start.Hooks
	Tools func() []start.ToolResult
	// Shell of terminals; empty for /bin/bash, else /bin/sh.
	Shell string

	// Ports reaches what listens in the sandbox.
	Ports ports.Dialer

	// keepalive is the time without a frame after which one that says nothing is sent; 0 is the default.
	keepalive time.Duration
	// silence is how long an attached client may send nothing; 0 is the default.
	silence time.Duration
	// tunnelIdle is how long a tunnel may carry nothing; 0 is the default.
	tunnelIdle   time.Duration
	tunnels      atomic.Int32
	attached     attached
	lastActivity atomic.Int64
	notices      board
	uploads      *upload.Table
	rest         *rest
	// large bounds the bodies above largeBody that are in memory at the same time.
	large chan struct{}
}

// TLS is the configuration of the listener: version 1.3, HTTP/1.1.
func TLS(certificate tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}}
}

// HTTP returns the server for connections of listener, which should be one of Listen.
func (s *Server) HTTP() *http.Server {
	if s.keepalive == 0 {
		s.keepalive = keepaliveBreaks
	}
	if s.silence == 0 {
		s.silence = clientSilence
	}
	if s.tunnelIdle == 0 {
		s.tunnelIdle = tunnelIdle
	}
	s.large = make(chan struct{}, largeBodies)
	s.rest = newRest()
	s.uploads = upload.NewTable(s.Clock, s.Files.Staging)
	s.touch()
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeaderBytes,
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){}, // no HTTP/2
		ErrorLog:          log.New(io.Discard, "", 0),                               // whoever can connect could fill the container's log
	}
}

// Secure accepts at most maxConnections at a time on listener, by TLS; more are closed at once.
func Secure(listener net.Listener, config *tls.Config) net.Listener {
	return tls.NewListener(&bounded{Listener: listener}, config)
}

type bounded struct {
	net.Listener
	open atomic.Int32
}

func (b *bounded) Accept() (net.Conn, error) {
	for {
		conn, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if b.open.Add(1) <= maxConnections {
			return &counted{Conn: conn, open: &b.open}, nil
		}
		b.open.Add(-1)
		conn.Close()
	}
}

type counted struct {
	net.Conn
	open   *atomic.Int32
	closed atomic.Bool
}

func (c *counted) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.open.Add(-1)
	}
	return c.Conn.Close()
}

// touch remembers that somebody used the sandbox.
func (s *Server) touch() { s.lastActivity.Store(s.Clock.Now().UnixMilli()) }
