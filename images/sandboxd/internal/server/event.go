package server

import "agenttier.io/images/sandboxd/internal/process"

// Events of a stream (protocol §5 and §8); Event is the name.

type startEvent struct {
	Event   string       `json:"event"`
	Process process.Info `json:"process"`
}

type gapEvent struct {
	Event string `json:"event"`
	From  int64  `json:"from"`
	To    int64  `json:"to"`
}

type exitEvent struct {
	Event  string          `json:"event"`
	Exit   *process.Record `json:"exit"`
	Offset int64           `json:"offset"`
}

type takenEvent struct {
	Event string `json:"event"`
}

type errorEvent struct {
	Event   string `json:"event"`
	Message string `json:"message"`
}

// noticeEvent tells a terminal what is about to happen to the sandbox; without a kind, that what was told before will not.
type noticeEvent struct {
	Event string `json:"event"`
	notice
}
