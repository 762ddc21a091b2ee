// Package start is the start sequence: the plan's files, its scripts in order, its tools, then ready, then its command, whose end is
// the end of the sandbox; and the plan's hooks.
package start

import (
	"context"
	"errors"
	"fmt"
	"time"

	"agenttier.io/images/sandboxd/internal/final"
	"agenttier.io/images/sandboxd/internal/plan"
	"agenttier.io/images/sandboxd/internal/process"
	"agenttier.io/images/sandboxd/internal/spool"
)

// by is startedBy of what the plan starts, and who cancelled what the end of the sandbox ends.
const by = "agenttier:sandbox"

// tailBytes of a failing script's output may go into the final record; stderr, which says what went wrong, gets most of it.
const (
	tailBytes       = 4096
	stderrTailBytes = 3072
)

// Sequence runs a plan.
type Sequence struct {
	Plan      *plan.Plan
	Processes *process.Table
	Hooks     *Hooks
	// Ready is closed when files, scripts and tools are done, Stopping when the sandbox begins to end.
	Ready, Stopping chan struct{}
	// tools are written before Ready is closed and read afterwards.
	tools []ToolResult
}

// Run goes through the sequence until the sandbox has to end: by a failed start, by the command's exit, or because ctx is done. All
// processes have been ended when it returns.
func (s *Sequence) Run(ctx context.Context) final.Record {
	record := s.run(ctx)
	record.OnStop = s.lastHook()
	close(s.Stopping)
	if err := s.Processes.Close(by); err != nil && record.Message == "" {
		record.Message = err.Error()
	}
	return record
}

// lastHook runs the hook before the end of a sandbox that was ready, unless it has run already, as it has when the controller stopped the
// sandbox. Nothing is asked for when the sandbox is deleted, its pod evicted or its command ends. The hook's own limit bounds it.
func (s *Sequence) lastHook() *final.Hook {
	select {
	case <-s.Ready:
	default:
		return nil
	}
	if s.Hooks == nil || !s.Hooks.has(plan.OnStop) {
		return nil
	}
	run, err := s.Hooks.Run(Occurrence{Kind: plan.OnStop})
	if err != nil {
		return nil // what keeps it from starting keeps its sandbox no longer
	}
	<-run.Done()
	return &final.Hook{Exit: run.Result().Exit, Tail: run.Result().Tail}
}

func (s *Sequence) run(ctx context.Context) final.Record {
	terminated := final.Record{Reason: final.Terminated}
	if err := s.prepare(ctx); ctx.Err() != nil {
		return terminated
	} else if failed, ok := errors.AsType[*scriptFailed](err); ok {
		return final.Record{Reason: final.InitScriptFailed, Code: 1, Message: failed.Error(), Tail: failed.tail}
	} else if err != nil {
		return final.Record{Reason: final.InitScriptFailed, Code: 1, Message: err.Error()}
	}
	close(s.Ready)
	if len(s.Plan.Command) == 0 {
		<-ctx.Done()
		return terminated
	}
	command, err := begin(s.Processes, &process.Request{Class: "exec", Argv: s.Plan.Command, OnDisconnect: "keep"})
	if err != nil {
		return final.Record{Reason: final.CommandExited, Code: 1, Message: err.Error()}
	}
	select {
	case <-command.Done():
		return commandExited(command.Exit())
	case <-ctx.Done():
		return terminated
	}
}

func (s *Sequence) prepare(ctx context.Context) error {
	for _, file := range s.Plan.Files {
		if err := putFile(s.Plan.Root, file); err != nil {
			return err
		}
	}
	limit := s.Plan.InitTimeout()
	over := time.Now().Add(limit)
	for i, script := range s.Plan.InitScripts {
		left := time.Until(over)
		if left <= 0 {
			return fmt.Errorf("init script %d was not started: the limit of %s for all is over", i+1, limit)
		}
		if err := s.script(ctx, i+1, script, left); err != nil {
			return err
		}
	}
	return s.prepareTools(ctx, over)
}

// scriptFailed says how a script ended, with the end of what it wrote.
type scriptFailed struct {
	number int
	how    string
	tail   string
}

func (e *scriptFailed) Error() string { return fmt.Sprintf("init script %d: %s", e.number, e.how) }

// script runs one to its end.
func (s *Sequence) script(ctx context.Context, number int, text string, left time.Duration) error {
	p, err := begin(s.Processes, &process.Request{Class: "hook", Script: text, OnDisconnect: "keep", TimeoutMs: max(1, left.Milliseconds())})
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		return ctx.Err()
	}
	exit := p.Exit()
	if exit.Outcome == process.Exited && *exit.Code == 0 {
		return nil
	}
	what := exit.Sentence()
	if exit.Outcome == process.TimedOut {
		what = fmt.Sprintf("stopped, since the limit of %s for all init scripts is over", s.Plan.InitTimeout())
	}
	tail, err := ends(p.Output)
	return errors.Join(&scriptFailed{number, what, tail}, err)
}

// begin starts what the plan says. Its output also goes to the container's log.
func begin(processes *process.Table, request *process.Request) (*process.Process, error) {
	if err := request.Check(); err != nil {
		return nil, err
	}
	p, release, _, err := processes.Start(request, process.Start{By: by, Mirror: true})
	if err != nil {
		return nil, err
	}
	release()
	return p, nil
}

// ends is the end of an output: all of it as it came when it is short; else that of stdout, then that of stderr, since two streams of
// a program that ends come in no exact order.
func ends(output *spool.Output) (string, error) {
	if output.EndOf(spool.Combined) <= tailBytes/2 {
		return end(output, spool.Combined, tailBytes)
	}
	stderr, err := end(output, spool.OnlyStderr, stderrTailBytes)
	stdout, errOut := end(output, spool.OnlyStdout, int64(tailBytes-len(stderr)))
	return stdout + stderr, errors.Join(errOut, err)
}

func end(output *spool.Output, view spool.View, most int64) (string, error) {
	reader := output.Read(view, max(0, output.EndOf(view)-most))
	defer reader.Close()
	var text []byte
	for {
		chunk, err := reader.Next()
		if err != nil || chunk.Kind == spool.End || chunk.Kind == spool.Nothing {
			return string(text), err
		}
		text = append(text, chunk.Bytes...)
	}
}

// commandExited is the final record for the command's exit record, with the exit code as shells give it.
func commandExited(exit *process.Record) final.Record {
	record := final.Record{Reason: final.CommandExited, Code: 1}
	switch exit.Outcome {
	case process.Exited:
		record.Code = *exit.Code
	case process.Signaled:
		record.Code, record.Signal = 128+exit.Number, exit.Signal
	case process.OutOfMem:
		record.Code, record.Signal, record.Message = 137, "KILL", exit.Sentence()
	case process.NotStarted:
		record.Message = exit.Message
		if *exit.Code > 0 {
			record.Code = *exit.Code
		}
	default:
		record.Message = exit.Sentence()
	}
	return record
}
