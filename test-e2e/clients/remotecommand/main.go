// Command remotecommand runs a command in a sandbox as kubectl does in a pod, by client-go's WebSocket executor: stdin, stdout and
// stderr are its own, its exit code is the command's. It knows nothing of sandboxes beyond the path.
//
//	remotecommand PATH COMMAND [ARGUMENT...]
//
// PATH is that of the subresource, for example /apis/…/sandboxes/web/exec. Exit code 125 for what is not the command's own.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"

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
	target.Path = path
	target.RawQuery = url.Values{"command": command, "stdin": {"true"}, "stdout": {"true"}, "stderr": {"true"}}.Encode()
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
