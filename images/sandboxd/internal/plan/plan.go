// Package plan is the start plan of protocol §2: what the controller wrote into start.json.
package plan

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// maxSeconds is longer than any pod lives, and still a time.Duration.
const maxSeconds = 366 * 24 * 3600

// maxBytes is the most that a Secret can hold, with room for its encoding.
const maxBytes = 2 << 20

// Plan says who this sandbox is and what its start does. Unknown keys are ignored: a newer controller may write them.
type Plan struct {
	Version     int    `json:"version"`
	Incarnation string `json:"incarnation"`
	Namespace   string `json:"namespace"`
	Sandbox     string `json:"sandbox"`
	// Root is the folder that the files calls are confined to.
	Root       string `json:"root"`
	WorkingDir string `json:"workingDir"`
	// Shell of terminals; empty for /bin/bash, else /bin/sh.
	Shell string `json:"shell"`
	// Command is empty when sandboxd runs alone until it is told to end.
	Command            []string `json:"command"`
	Files              []File   `json:"files"`
	InitScripts        []string `json:"initScripts"`
	InitTimeoutSeconds int64    `json:"initTimeoutSeconds"`
	Tools              []Tool   `json:"tools"`
	ToolTimeoutSeconds int64    `json:"toolTimeoutSeconds"`
	// Hooks are shell texts by kind: onStart, onResume, onIdle, onStop.
	Hooks              map[string]string `json:"hooks"`
	HookTimeoutSeconds int64             `json:"hookTimeoutSeconds"`
	// Constraints of calls; nil for none.
	Constraints            *Constraints `json:"constraints"`
	SpoolBytes             int64        `json:"spoolBytes"`
	DisconnectGraceSeconds *int64       `json:"disconnectGraceSeconds"`
}

// File is put in place at the start; unless Replace is set, only where nothing of that path exists. Its content is ContentBase64, or that of the file From.
type File struct {
	Path          string `json:"path"`
	ContentBase64 []byte `json:"contentBase64"`
	From          string `json:"from"`
	// Mode is decimal in JSON; 0 or absent means 0644.
	Mode uint32 `json:"mode"`
	// Replace also one that exists.
	Replace bool `json:"replace"`
}

// Constraints are what calls may not do. They bind the API, not what the plan itself runs.
type Constraints struct {
	MaxFileBytes        *int64   `json:"maxFileBytes"`
	MaxCommandTimeoutMs int64    `json:"maxCommandTimeoutMs"`
	RestrictedCommands  []string `json:"restrictedCommands"`
	RestrictedPaths     []string `json:"restrictedPaths"`
}

// Tool is verified, and if that fails installed and verified again; both are shell texts, and may be empty.
type Tool struct {
	Name string `json:"name"`
	// Version is for the commands.
	Version string `json:"version"`
	Verify  string `json:"verify"`
	Install string `json:"install"`
}

// Defaults of what a plan leaves out.
const (
	DefaultInitTimeout     = 10 * time.Minute
	DefaultToolTimeout     = 5 * time.Minute
	DefaultHookTimeout     = 30 * time.Second
	DefaultSpoolBytes      = 1 << 30
	DefaultDisconnectGrace = 10 * time.Second
)

// HookKinds are the hooks there are.
var HookKinds = []string{"onStart", "onResume", "onIdle", OnStop}

// OnStop is the one that also runs when nobody asks for it.
const OnStop = "onStop"

var incarnation = regexp.MustCompile(`^[0-9a-f]{8}$`)

// Read reads and checks the plan in file.
func Read(file string) (*Plan, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("start plan: %w", err)
	}
	if info.Size() > maxBytes {
		return nil, fmt.Errorf("start plan %s has %d bytes: at most %d", file, info.Size(), maxBytes)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("start plan: %w", err)
	}
	return Parse(text)
}

// Parse checks the plan in text and fills in defaults.
func Parse(text []byte) (*Plan, error) {
	var p Plan
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, fmt.Errorf("start plan is not valid: %w", err)
	}
	switch {
	case p.Version != 1:
		return nil, fmt.Errorf("start plan has version %d: this sandboxd understands 1", p.Version)
	case !incarnation.MatchString(p.Incarnation):
		return nil, fmt.Errorf("start plan has incarnation %q: expected 8 hex digits", p.Incarnation)
	case !path.IsAbs(p.Root) || path.Clean(p.Root) != p.Root:
		return nil, fmt.Errorf("start plan has root %q: expected a clean absolute path", p.Root)
	case p.WorkingDir != "" && !path.IsAbs(p.WorkingDir):
		return nil, fmt.Errorf("start plan has workingDir %q: expected an absolute path", p.WorkingDir)
	case p.InitTimeoutSeconds < 0, p.ToolTimeoutSeconds < 0, p.HookTimeoutSeconds < 0, p.SpoolBytes < 0, p.DisconnectGraceSeconds != nil && *p.DisconnectGraceSeconds < 0:
		return nil, fmt.Errorf("start plan has a negative limit: initTimeoutSeconds %d, toolTimeoutSeconds %d, hookTimeoutSeconds %d, spoolBytes %d",
			p.InitTimeoutSeconds, p.ToolTimeoutSeconds, p.HookTimeoutSeconds, p.SpoolBytes)
	case p.InitTimeoutSeconds > maxSeconds, p.ToolTimeoutSeconds > maxSeconds, p.HookTimeoutSeconds > maxSeconds, p.DisconnectGraceSeconds != nil && *p.DisconnectGraceSeconds > maxSeconds:
		return nil, fmt.Errorf("start plan has a limit of more than %d s: initTimeoutSeconds %d, toolTimeoutSeconds %d, hookTimeoutSeconds %d",
			maxSeconds, p.InitTimeoutSeconds, p.ToolTimeoutSeconds, p.HookTimeoutSeconds)
	case len(p.Command) > 0 && p.Command[0] == "":
		return nil, fmt.Errorf("start plan has an empty program in command")
	}
	for i, f := range p.Files {
		if !path.IsAbs(f.Path) || path.Clean(f.Path) != f.Path {
			return nil, fmt.Errorf("start plan has files[%d].path %q: expected a clean absolute path", i, f.Path)
		}
		if f.Mode > 0o777 {
			return nil, fmt.Errorf("start plan has files[%d].mode %d (%#o): at most 511 (0777)", i, f.Mode, f.Mode)
		}
	}
	if c := p.Constraints; c != nil && (c.MaxCommandTimeoutMs < 0 || c.MaxFileBytes != nil && *c.MaxFileBytes < 0) {
		return nil, fmt.Errorf("start plan has a negative constraint: maxCommandTimeoutMs %d", c.MaxCommandTimeoutMs)
	}
	for kind := range p.Hooks {
		if !slices.Contains(HookKinds, kind) {
			return nil, fmt.Errorf("start plan has a hook %.40q: expected %s", kind, strings.Join(HookKinds, ", "))
		}
	}
	if p.WorkingDir == "" {
		p.WorkingDir = p.Root
	}
	if p.SpoolBytes == 0 {
		p.SpoolBytes = DefaultSpoolBytes
	}
	return &p, nil
}

// InitTimeout limits the whole of the init scripts and tools.
func (p *Plan) InitTimeout() time.Duration { return seconds(p.InitTimeoutSeconds, DefaultInitTimeout) }

// ToolTimeout limits each command of a tool.
func (p *Plan) ToolTimeout() time.Duration { return seconds(p.ToolTimeoutSeconds, DefaultToolTimeout) }

// HookTimeout limits each run of a hook.
func (p *Plan) HookTimeout() time.Duration { return seconds(p.HookTimeoutSeconds, DefaultHookTimeout) }

func seconds(count int64, orElse time.Duration) time.Duration {
	if count == 0 {
		return orElse
	}
	return time.Duration(count) * time.Second
}

// DisconnectGrace is how long a process with onDisconnect=cancel lives without a reader.
func (p *Plan) DisconnectGrace() time.Duration {
	if p.DisconnectGraceSeconds == nil {
		return DefaultDisconnectGrace
	}
	return time.Duration(*p.DisconnectGraceSeconds) * time.Second
}
