// Package supervisor keeps the processes of one node running and tells how they are.
package supervisor

import "time"

// Spec is one process.
type Spec struct {
	Name  string   `json:"name"`            // for example "kube-apiserver"
	Argv  []string `json:"argv"`            // Argv[0] is an absolute path
	Log   string   `json:"log"`             // file that output is appended to
	After []string `json:"after,omitempty"` // processes that must have answered their probe once before the first start
	Probe Probe    `json:"probe"`
}

// Probe asks a process whether it works. Exactly one field is set, or none for a process that cannot be asked.
type Probe struct {
	URL    string `json:"url,omitempty"`    // answers 200; https without verification, as the question holds no secret
	Socket string `json:"socket,omitempty"` // a Unix socket that accepts
}

// State is how a process is.
type State string

const (
	Waiting State = "waiting" // for a process named in After
	Running State = "running" // alive, and its probe, if any, answers
	Failing State = "failing" // alive, and its probe does not answer
	Dead    State = "dead"    // has ended; started again after a pause
)

// Status is what is known about a process.
type Status struct {
	Name     string    `json:"name"`
	State    State     `json:"state"`
	PID      int       `json:"pid,omitempty"` // in the node's own process namespace
	Since    time.Time `json:"since,omitzero"`
	Restarts int       `json:"restarts"`
	Problem  string    `json:"problem,omitempty"` // of the probe, or how the process ended last
}
