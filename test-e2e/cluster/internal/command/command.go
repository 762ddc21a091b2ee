// Package command runs host programs; a failure carries the command line and what the program printed.
package command

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// Output runs a program to its end and returns its standard output without surrounding white space.
// The error names the whole command line and holds standard error, so that it can be shown as it is.
func Output(ctx context.Context, argv ...string) (string, error) {
	return Feed(ctx, nil, argv...)
}

// Feed is Output with standard input taken from in; nil means no input.
func Feed(ctx context.Context, in io.Reader, argv ...string) (string, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var out, problems strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &out, &problems
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, strings.TrimSpace(problems.String()+out.String()))
	}
	return strings.TrimSpace(out.String()), nil
}
