// Command sandboxd is the daemon in every sandbox pod: it starts processes and reads and writes files for the apiserver.
package main

import (
	"fmt"
	"os"

	"agenttier.io/images/sandboxd/internal/install"
)

// version is set by the build.
var version = "dev"

const usage = `usage: sandboxd serve          run the sandbox of this pod, as its entry process
       sandboxd install DIR    copy this program to DIR/sandboxd
       sandboxd version        print the version`

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	switch {
	case len(args) == 1 && args[0] == "serve":
		return serve(pod)
	case len(args) == 2 && args[0] == "install":
		if err := install.To(args[1]); err != nil {
			fmt.Fprintln(os.Stderr, "sandboxd:", err)
			return 1
		}
		return 0
	case len(args) == 1 && args[0] == "version":
		fmt.Println(version)
		return 0
	}
	fmt.Fprintln(os.Stderr, usage)
	return 2
}
