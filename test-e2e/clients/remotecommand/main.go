// Command remotecommand runs a command in a sandbox as kubectl does in a pod, by client-go's WebSocket executor: stdin, stdout and
// stderr are its own, its exit code is the command's. It knows nothing of sandboxes beyond the path.
//
//	remotecommand PATH COMMAND [ARGUMENT...]
//
// PATH is that of the subresource, for example /apis/…/sandboxes/web/exec, with parameters beyond those of pods/exec behind a
// question mark. Exit code 125 for what is not the command's own.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"
)

const notTheCommand = 125

func main() {
	if len(os.Args) < 3 {
		fail(errors.New("usage: remotecommand PATH COMMAND [ARGUMENT...]"))
	}
	err := run(os.Args[1], os.Args[2:])
	if exit, ok := errors.AsType[exec.CodeExitError](err); ok {
		os.Exit(exit.ExitStatus())
	}
	if err != nil {
		fail(err)
	}
}

func run(path string, command []string) error {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	target, err := url.Parse(config.Host)
	if err != nil {
		return err
	}
	path, more, _ := strings.Cut(path, "?")
	target.Path = path
	query, err := url.ParseQuery(more)
	if err != nil {
		return err
	}
	query["command"] = command
	for _, stream := range []string{"stdin", "stdout", "stderr"} {
		query.Set(stream, "true")
	}
	target.RawQuery = query.Encode()
	executor, err := remotecommand.NewWebSocketExecutor(config, http.MethodGet, target.String())
	if err != nil {
		return err
	}
	return executor.StreamWithContext(context.Background(), remotecommand.StreamOptions{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "remotecommand:", err)
	os.Exit(notTheCommand)
}
