package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"agenttier.io/images/sandboxd/internal/proctree"
	"golang.org/x/sys/unix"
)

// defaultPath is searched when the environment has no PATH.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Exit codes of what could not be started, as shells use them; anything else is -1.
const (
	codeNotExecutable = 126
	codeNotFound      = 127
	codeOther         = -1
)

// envOf is what processes of a class inherit.
func (h *Host) envOf(class string) []string {
	if class != classInvoke && class != classInstall {
		return h.Env
	}
	return over(h.Env, h.AgentEnv)
}

// environment is base with the request's variables on top, and the cookie by which the tree is found.
func environment(base []string, request map[string]string, id string) []string {
	return append(over(base, request), proctree.Cookie+"="+id)
}

// over is base with more on top, without the cookie.
func over(base []string, more map[string]string) []string {
	env := make([]string, 0, len(base)+len(more)+1)
	for _, variable := range base {
		name, _, _ := strings.Cut(variable, "=")
		if _, replaced := more[name]; !replaced && name != proctree.Cookie {
			env = append(env, variable)
		}
	}
	for name, value := range more {
		if name != proctree.Cookie {
			env = append(env, name+"="+value)
		}
	}
	return env
}

func lookup(env []string, name string) (string, bool) {
	for _, variable := range env {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// find returns the file to execute for program in folder cwd, or the record that says why there is none.
func find(program, cwd string, env []string, script bool) (string, *Record) {
	if info, err := os.Stat(cwd); err != nil {
		return "", refuse(codeOther, "working directory %s: %s", cwd, reason(err))
	} else if !info.IsDir() {
		return "", refuse(codeOther, "working directory %s is not a directory", cwd)
	}
	if strings.Contains(program, "/") {
		return program, nil // execve itself says what is wrong with it
	}
	path, ok := lookup(env, "PATH")
	if !ok {
		path = defaultPath
	}
	var unusable *Record
	for _, dir := range filepath.SplitList(path) {
		if dir == "" {
			dir = "."
		}
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(cwd, dir)
		}
		candidate := filepath.Join(dir, program)
		info, err := os.Stat(candidate)
		switch {
		case err != nil:
			if unusable == nil && errors.Is(err, unix.EACCES) {
				unusable = refuse(codeNotExecutable, "%s: permission denied", candidate)
			}
		case info.IsDir():
		case unix.Faccessat(unix.AT_FDCWD, candidate, unix.X_OK, unix.AT_EACCESS) == nil:
			return candidate, nil
		case unusable == nil:
			unusable = refuse(codeNotExecutable, "%s is not executable: it has mode %04o", candidate, info.Mode().Perm())
		}
	}
	switch {
	case unusable != nil:
		return "", unusable
	case script:
		return "", refuse(codeNotFound, "a script needs \"sh\", and this image has none in PATH %q: run a program of the image by argv instead", path)
	}
	return "", refuse(codeNotFound, "program %q not found in PATH %q", program, path)
}

// explain is the record for an execve of program in cwd that failed with err.
func explain(program, cwd string, err error) *Record {
	if unix.Faccessat(unix.AT_FDCWD, cwd, unix.X_OK, unix.AT_EACCESS) != nil {
		return refuse(codeOther, "working directory %s cannot be entered: permission denied", cwd)
	}
	file := program
	if !filepath.IsAbs(file) {
		file = filepath.Join(cwd, file)
	}
	info, statErr := os.Stat(file)
	switch {
	case errors.Is(err, unix.ENOENT) && statErr == nil:
		return refuse(codeNotFound, "%s cannot run: the interpreter of its #! line, or its loader, is not in this image", program)
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR):
		return refuse(codeNotFound, "program %q not found", program)
	case statErr == nil && info.IsDir():
		return refuse(codeNotExecutable, "%s is a directory", program)
	case statErr == nil && errors.Is(err, unix.EACCES):
		return refuse(codeNotExecutable, "%s is not executable: it has mode %04o", program, info.Mode().Perm())
	case errors.Is(err, unix.ENOEXEC):
		return refuse(codeNotExecutable, "%s is neither a program for this machine nor a script with a #! line", program)
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM), errors.Is(err, unix.ETXTBSY), errors.Is(err, unix.EISDIR), errors.Is(err, unix.ELIBBAD):
		return refuse(codeNotExecutable, "%s: %s", program, reason(err))
	case errors.Is(err, unix.E2BIG):
		return refuse(codeOther, "argv and env are too long for the kernel: pass large values by stdin or by a file")
	case errors.Is(err, unix.EAGAIN):
		return refuse(codeOther, "no more processes can be started here: the sandbox's limit of processes is reached")
	}
	return refuse(codeOther, "%s: %s", program, reason(err))
}

func refuse(code int, format string, args ...any) *Record {
	const longest = 1024 // argv can be long, a message need not be
	message := fmt.Sprintf(format, args...)
	record := notStarted(code, strings.ToValidUTF8(message[:min(len(message), longest)], "\uFFFD"))
	return &record
}

// reason is the kernel's own words without the call that failed.
func reason(err error) string {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno.Error()
	}
	return err.Error()
}
