package start

import (
	"context"
	"fmt"
	"strings"
	"time"

	"agenttier.io/images/sandboxd/internal/plan"
	"agenttier.io/images/sandboxd/internal/process"
)

// toolTail is how much of a failed command's output is told.
const toolTail = 400

// ToolResult says whether a tool is there.
type ToolResult struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Message says what failed; empty for a tool that is there.
	Message string `json:"message"`
}

// Tools are the results, one a tool of the plan; to be called once Ready is closed.
func (s *Sequence) Tools() []ToolResult { return s.tools }

// prepareTools sees to each tool in turn, within what is left of the start. One that fails does not keep the sandbox from starting.
func (s *Sequence) prepareTools(ctx context.Context, over time.Time) error {
	for _, tool := range s.Plan.Tools {
		message := s.prepareTool(ctx, tool, over)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.tools = append(s.tools, ToolResult{Name: tool.Name, OK: message == "", Message: message})
	}
	return nil
}

// prepareTool verifies, and if that fails installs and verifies again. The result is what failed, empty for nothing.
func (s *Sequence) prepareTool(ctx context.Context, tool plan.Tool, over time.Time) string {
	if tool.Verify != "" {
		failed := s.toolCommand(ctx, tool, "hook", tool.Verify, over)
		if failed == "" || tool.Install == "" {
			return prefixed("verify", failed)
		}
	}
	if tool.Install == "" {
		return ""
	}
	if failed := s.toolCommand(ctx, tool, "install", tool.Install, over); failed != "" {
		return prefixed("install", failed)
	}
	if tool.Verify == "" {
		return ""
	}
	return prefixed("verify after install", s.toolCommand(ctx, tool, "hook", tool.Verify, over))
}

func prefixed(step, failed string) string {
	if failed == "" {
		return ""
	}
	return step + " " + failed
}

// toolCommand runs one command to its end and says how it failed, with the end of what it wrote.
func (s *Sequence) toolCommand(ctx context.Context, tool plan.Tool, class, script string, over time.Time) string {
	limit := min(s.Plan.ToolTimeout(), time.Until(over))
	if limit <= 0 {
		return fmt.Sprintf("was not started: the limit of %s for the whole start is over", s.Plan.InitTimeout())
	}
	p, err := begin(s.Processes, &process.Request{
		Class: class, Script: script, Env: map[string]string{"TOOL_NAME": tool.Name, "TOOL_VERSION": tool.Version},
		OnDisconnect: "keep", TimeoutMs: max(1, limit.Milliseconds()),
	})
	if err != nil {
		return "was not started: " + err.Error()
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		return "was ended with the sandbox"
	}
	exit := p.Exit()
	if exit.Outcome == process.Exited && *exit.Code == 0 {
		return ""
	}
	tail, err := ends(p.Output)
	if err != nil {
		return exit.Sentence() + ": its output cannot be read: " + err.Error()
	}
	if tail = strings.TrimSpace(tail); tail != "" {
		return exit.Sentence() + ": " + strings.ToValidUTF8(tail[max(0, len(tail)-toolTail):], "")
	}
	return exit.Sentence()
}
