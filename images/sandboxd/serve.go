package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"agenttier.io/images/sandboxd/internal/clock"
	"agenttier.io/images/sandboxd/internal/configure"
	"agenttier.io/images/sandboxd/internal/files"
	"agenttier.io/images/sandboxd/internal/final"
	"agenttier.io/images/sandboxd/internal/guard"
	"agenttier.io/images/sandboxd/internal/oom"
	"agenttier.io/images/sandboxd/internal/plan"
	"agenttier.io/images/sandboxd/internal/ports"
	"agenttier.io/images/sandboxd/internal/process"
	"agenttier.io/images/sandboxd/internal/reaper"
	"agenttier.io/images/sandboxd/internal/seal"
	"agenttier.io/images/sandboxd/internal/server"
	"agenttier.io/images/sandboxd/internal/spool"
	"agenttier.io/images/sandboxd/internal/start"
	"agenttier.io/images/sandboxd/internal/token"
)

// keyVariable gives the private key of tls.crt.
const keyVariable = "AGENTTIER_TLS_KEY"

// agentPrefix begins the variables that are for the agent and its installing only; the rest of the name is theirs.
const agentPrefix = "AGENTTIER_AGENT_ENV_"

// place says where things are.
type place struct {
	// run holds start.json, tls.crt and ca.crt.
	run, spool string
	// termination is the file of the termination message.
	termination string
	address     string
}

// farewell is how long open answers get to be taken when everything has ended.
const farewell = 2 * time.Second

// serve runs the sandbox and returns the exit code of sandboxd.
func serve(at place) int {
	record, err := runSandbox(at)
	if err != nil {
		record = final.Record{Reason: final.InvalidPlan, Code: 1, Message: err.Error()}
	}
	if record.Message != "" {
		fmt.Fprintf(os.Stderr, "sandboxd: %s: %s\n", record.Reason, record.Message)
	}
	if err := final.Write(at.termination, record); err != nil {
		fmt.Fprintln(os.Stderr, "sandboxd:", err)
	}
	return record.Code
}

func runSandbox(at place) (final.Record, error) {
	// before all else: the kubelet asks within milliseconds, and one who is refused asks again after seconds, while one who is accepted waits
	port, err := net.Listen("tcp", at.address)
	if err != nil {
		return final.Record{}, err
	}
	defer port.Close()
	if err := seal.Undumpable(); err != nil {
		return final.Record{}, err
	}
	key, ok, err := seal.TakeEnv(keyVariable)
	if err != nil {
		return final.Record{}, err
	}
	if !ok {
		return final.Record{}, errors.New(keyVariable + " is not set: the pod has to give the private key of tls.crt")
	}
	agentEnv, err := seal.TakePrefixed(agentPrefix)
	if err != nil {
		return final.Record{}, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a lost container log must not end us; children get the default back
	p, err := plan.Read(filepath.Join(at.run, "start.json"))
	if err != nil {
		return final.Record{}, err
	}
	listener, roots, err := secure(port, at, key)
	if err != nil {
		return final.Record{}, err
	}
	processes, closeSpool, err := processTable(at, p, agentEnv)
	if err != nil {
		return final.Record{}, err
	}
	defer closeSpool()
	hooks := start.NewHooks(p, processes)
	sequence := &start.Sequence{Plan: p, Processes: processes, Hooks: hooks, Ready: make(chan struct{}), Stopping: make(chan struct{})}
	guarded := guard.New(p)
	tree := files.NewTree(p.Root)
	tree.Limit(files.Limits{Path: guarded.Path, Whole: guarded.Whole, MaxBytes: guarded.MaxFileBytes()})
	configuration := configure.New(tree, processes, func(err error) { fmt.Fprintln(os.Stderr, "sandboxd:", err) })
	configuration.Recover() // before anything of the plan can meet half of it
	s := &server.Server{
		Tokens:    token.NewVerifier(p.Incarnation, roots, time.Now),
		Processes: processes, Files: tree, Configuration: configuration, Guard: guarded, Clock: clock.System{}, Ready: sequence.Ready, Stopping: sequence.Stopping,
		Hooks: hooks, Tools: sequence.Tools, Shell: p.Shell, Ports: ports.Dialer{Own: ownPort(listener)},
	}
	web := s.HTTP()
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	record := sequence.Run(ctx)
	s.CloseUploads()
	bye, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if web.Shutdown(bye) != nil {
		web.Close()
	}
	s.CloseAttached(bye)
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, "sandboxd: server:", err)
	}
	return record, nil
}

// secure gives the port the pod's certificate, and returns the CA that signers' certificates chain to. The key is wiped.
func secure(port net.Listener, at place, key []byte) (net.Listener, *x509.CertPool, error) {
	chain, err := os.ReadFile(filepath.Join(at.run, "tls.crt"))
	if err != nil {
		return nil, nil, err
	}
	certificate, err := tls.X509KeyPair(chain, key)
	clear(key)
	if err != nil {
		return nil, nil, fmt.Errorf("tls.crt and %s: %w", keyVariable, err)
	}
	ca, err := os.ReadFile(filepath.Join(at.run, "ca.crt"))
	if err != nil {
		return nil, nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, nil, fmt.Errorf("%s holds no certificate", filepath.Join(at.run, "ca.crt"))
	}
	return server.Secure(port, server.TLS(certificate)), roots, nil
}

// ownPort is where listener listens, which is not a port of the sandbox's own.
func ownPort(listener net.Listener) uint16 {
	return listener.Addr().(*net.TCPAddr).AddrPort().Port()
}

func processTable(at place, p *plan.Plan, agentEnv map[string]string) (*process.Table, func() error, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, nil, err
	}
	waiter, err := reaper.New()
	if err != nil {
		return nil, nil, err
	}
	output := spool.New(at.spool, p.SpoolBytes, func(err error) { fmt.Fprintln(os.Stderr, "sandboxd:", err) })
	return process.NewTable(&process.Host{
		Incarnation: p.Incarnation, WorkingDir: p.WorkingDir, Env: os.Environ(), AgentEnv: agentEnv, DisconnectGrace: p.DisconnectGrace(),
		Clock: clock.System{}, Reaper: waiter, Spool: output, OOM: oom.NewLedger(oom.Counter()), Null: null,
	}), output.Close, nil
}
