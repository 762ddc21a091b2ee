package process

import (
	"crypto/rand"
	"encoding/hex"
	"regexp"

	"agenttier.io/images/sandboxd/internal/fault"
)

// Classes of an agent: its runs, and the installing of it.
const (
	classInvoke  = "inv"
	classInstall = "install"
)

// Classes that a process can have.
var classes = map[string]bool{"exec": true, classInvoke: true, "term": true, classInstall: true, "hook": true, "arch": true}

var (
	generatedID = regexp.MustCompile(`^(exec|inv|term|install|hook|arch)-([0-9a-f]{8})([0-9a-f]{16})$`)
	namedID     = regexp.MustCompile(`^([0-9a-f]{8})\.(.*)$`)
	callerName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
	invokeKey   = regexp.MustCompile(`^[0-9a-f]{16}$`)
)

// newID makes an id that no other process of any incarnation has.
func newID(class, incarnation string) string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	return class + "-" + incarnation + hex.EncodeToString(random[:])
}

// idOf makes the id of what request starts. chosen is true when the caller chose it, by a name or a key, so that it may be there already.
func idOf(request *Request, incarnation string) (id string, chosen bool) {
	switch {
	case request.Name != "":
		return incarnation + "." + request.Name, true
	case request.Key != "":
		return classInvoke + "-" + incarnation + request.Key, true
	}
	return newID(request.Class, incarnation), false
}

// checkName says why name cannot be a caller's own name of a process; nil if it can.
func checkName(name string) error {
	switch {
	case !callerName.MatchString(name):
		return fault.Invalid("name %.80q: expected 1 to 63 of A-Z a-z 0-9 . _ -, the first a letter or digit", name)
	case generatedID.MatchString(name), namedID.MatchString(name):
		return fault.Invalid("name %q has the form of a process id: choose another", name)
	}
	return nil
}

// resolve turns what stands in a path, an id or a bare name, into an id of incarnation. 410 for one of another incarnation, 404 for
// what can be no process.
func resolve(text, incarnation string) (string, error) {
	if m := generatedID.FindStringSubmatch(text); m != nil {
		return text, sameIncarnation(text, m[2], incarnation)
	}
	if m := namedID.FindStringSubmatch(text); m != nil {
		return text, sameIncarnation(text, m[1], incarnation)
	}
	if !callerName.MatchString(text) {
		return "", fault.NotFound("process %.100q is neither an id nor a name of a process", text)
	}
	return incarnation + "." + text, nil
}

func sameIncarnation(id, found, present string) error {
	if found != present {
		return fault.Gone("process %s belonged to incarnation %s of this sandbox, whose pod is gone; the present one is %s", id, found, present)
	}
	return nil
}
