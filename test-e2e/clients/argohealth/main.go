// Command argohealth says what a health check in Lua makes of an object, in the interpreter and with the libraries that Argo CD gives
// such a check: base and table, one second, no strings, files or processes.
//
//	argohealth SCRIPT <OBJECT
//
// SCRIPT is a file, OBJECT a JSON object. It prints what the check returns as JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	lua "github.com/yuin/gopher-lua"
	luajson "layeh.com/gopher-json"
)

const limit = time.Second

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "argohealth:", err)
		os.Exit(1)
	}
}

func run(arguments []string, in io.Reader, out io.Writer) error {
	if len(arguments) != 1 {
		return errors.New("usage: argohealth SCRIPT <OBJECT")
	}
	var object map[string]any
	if err := json.NewDecoder(in).Decode(&object); err != nil {
		return fmt.Errorf("reading the object: %w", err)
	}
	health, err := evaluate(arguments[0], object)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", health)
	return err
}

func evaluate(script string, object map[string]any) ([]byte, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	state.SetContext(ctx)
	state.SetGlobal("obj", luajson.DecodeValue(state, object))
	if err := state.DoFile(script); err != nil {
		return nil, err
	}
	return luajson.Encode(state.Get(-1))
}
