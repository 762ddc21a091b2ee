package main

import (
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"agenttier.io/test-e2e/cluster/internal/components"
	"agenttier.io/test-e2e/cluster/internal/local"
	"agenttier.io/test-e2e/cluster/internal/registry"
	"agenttier.io/test-e2e/cluster/internal/subnet"
)

//go:embed usage.txt
var usage string

// usageError is a command line that cannot be understood.
type usageError string

func (e usageError) Error() string { return string(e) }

// arguments are the flags and operands of any command.
type arguments struct {
	name, dir, root, node, group string
	nodes                        int
	operands                     []string
	given                        map[string]bool // flags that stand on the command line
}

// syntax is what a command takes beside --name, --dir and --root.
type syntax struct {
	flag     string
	operands string // what they are called; empty for none
	many     bool   // one or more of them, else exactly one
}

var commands = map[string]syntax{
	"up": {flag: "nodes"}, "down": {}, "status": {}, "load": {operands: "IMAGE.tar", many: true},
	"restart": {flag: "node", operands: "COMPONENT"}, "kubeconfig": {}, "components": {flag: "group"},
}

// check says why these are not the operands of a command.
func (s syntax) check(command string, operands []string) error {
	switch {
	case s.operands == "" && len(operands) > 0:
		return usageError(fmt.Sprintf("%s takes no arguments, given: %s", command, strings.Join(operands, " ")))
	case s.operands != "" && len(operands) == 0:
		return usageError(fmt.Sprintf("%s: argument %s is missing", command, s.operands))
	case s.operands != "" && !s.many && len(operands) > 1:
		return usageError(fmt.Sprintf("%s takes one %s, given: %s", command, s.operands, strings.Join(operands, " ")))
	default:
		return nil
	}
}

func parse(command string, args []string) (arguments, error) {
	known, exists := commands[command]
	if !exists {
		return arguments{}, usageError(fmt.Sprintf("unknown command %q", command))
	}
	var parsed arguments
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&parsed.name, "name", "agenttier", "")
	flags.StringVar(&parsed.dir, "dir", "", "")
	flags.StringVar(&parsed.root, "root", "", "")
	switch known.flag {
	case "nodes":
		flags.IntVar(&parsed.nodes, "nodes", 1, "")
	case "node":
		flags.StringVar(&parsed.node, "node", "node1", "")
	case "group":
		flags.StringVar(&parsed.group, "group", "", "")
	}
	// The flag package stops at the first operand; flags may follow it all the same.
	for rest := args; len(rest) > 0; {
		if err := flags.Parse(rest); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return arguments{}, flag.ErrHelp
			}
			return arguments{}, usageError(fmt.Sprintf("%s: %v", command, err))
		}
		if rest = flags.Args(); len(rest) > 0 {
			parsed.operands, rest = append(parsed.operands, rest[0]), rest[1:]
		}
	}
	parsed.given = map[string]bool{}
	flags.Visit(func(f *flag.Flag) { parsed.given[f.Name] = true })
	if err := known.check(command, parsed.operands); err != nil {
		return arguments{}, err
	}
	if known.flag == "nodes" && (parsed.nodes < 1 || parsed.nodes > subnet.MaxNodes) {
		return arguments{}, usageError(fmt.Sprintf("up: --nodes %d: expected 1 to %d", parsed.nodes, subnet.MaxNodes))
	}
	return parsed, nil
}

// cluster finds the repository and the cluster that the flags mean.
func (a arguments) cluster() (local.Cluster, error) {
	root, err := a.repository()
	if err != nil {
		return local.Cluster{}, err
	}
	cacheRoot, err := components.DefaultRoot()
	if err != nil {
		return local.Cluster{}, err
	}
	dir := a.dir
	if dir == "" {
		dir = filepath.Join(root, "build", "cluster")
	}
	clusters := registry.Registry{Root: registry.DefaultRoot}
	name, dir, err := local.Find(clusters, a.name, a.given["name"], dir, a.given["dir"])
	if err != nil {
		return local.Cluster{}, err
	}
	return local.Cluster{
		Name: name, Dir: dir, Registry: clusters, Out: os.Stdout,
		Cache: components.Cache{Root: cacheRoot, Modules: filepath.Join(root, componentModules), Progress: os.Stderr},
	}, nil
}

const componentModules = "test-e2e/cluster/components"

func (a arguments) repository() (string, error) {
	start := a.root
	if start == "" {
		var err error
		if start, err = os.Getwd(); err != nil {
			return "", err
		}
	}
	start, err := filepath.Abs(start)
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, componentModules)); err == nil {
			return dir, nil
		}
		if dir == "/" || a.root != "" {
			return "", fmt.Errorf("no %s in %s: run the command inside the repository, or name it by --root", componentModules, start)
		}
	}
}
