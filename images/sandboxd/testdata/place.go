package main

import "os"

// pod is where a test puts things: in the overlay that it builds with, this file stands for place.go.
var pod = place{
	run: os.Getenv("SANDBOXD_TEST_DIR"), spool: os.Getenv("SANDBOXD_TEST_SPOOL"),
	termination: os.Getenv("SANDBOXD_TEST_DIR") + "/final", address: os.Getenv("SANDBOXD_TEST_ADDRESS"),
}
