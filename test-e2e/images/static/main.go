// Program static is the only file of an image without a shell. It stands for whatever the tests need at the other end of a wire.
//
//	static echo WORD...           prints the words, ends with 0
//	static exit CODE              ends with CODE
//	static receive PORT           prints each UDP datagram that comes: its sender's address and its text
//	static send FROM TO TEXT      sends TEXT by UDP from the address FROM to TO (address:port) ten times a second, and counts aloud
//	static listen ADDRESS         gives back what comes by TCP, and at its end says how much that was
//	static say ADDRESS TEXT       says TEXT, which may hold escapes, to whoever connects by TCP and says something
//	static web ADDRESS            answers HTTP with what was asked; see web.go for what else it does
//	static backend PORT           answers over TLS: discovery as an APIService must, everything else with 204 or the bytes asked for
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "static:", err)
		os.Exit(2)
	}
}

func run(args []string) error {
	switch {
	case len(args) > 1 && args[0] == "echo":
		fmt.Println(strings.Join(args[1:], " "))
		return nil
	case len(args) == 2 && args[0] == "exit":
		code, err := strconv.Atoi(args[1])
		if err != nil {
			return fmt.Errorf("exit code: %w", err)
		}
		os.Exit(code)
	case len(args) == 2 && args[0] == "receive":
		return receive(args[1])
	case len(args) == 4 && args[0] == "send":
		return send(args[1], args[2], args[3])
	case len(args) == 2 && args[0] == "listen":
		return listen(args[1])
	case len(args) == 3 && args[0] == "say":
		return say(args[1], args[2])
	case len(args) == 2 && args[0] == "web":
		return web(args[1])
	case len(args) == 2 && args[0] == "backend":
		return backend(args[1])
	}
	return fmt.Errorf("no such command: %q; expected echo, exit, receive, send, listen, say, web or backend with its arguments", args)
}
