// Package proctree finds the processes that belong to one started process. An unprivileged container has no cgroups to ask, so /proc
// is read: a member has the leader's process group or session, the cookie in its environment, or a parent that is a member. What
// left the session, cleared its environment and lost its parent is found no more; the end of the container takes it.
package proctree

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// Cookie is the environment variable that each started process inherits to its children.
const Cookie = "AGENTTIER_PROCESS"

// Tree names what to look for.
type Tree struct {
	// Leader is the pid of the process that was started, which leads a session of its own. 0 when that number may belong to
	// another process by now, so that only the cookie counts.
	Leader int
	// ID is the cookie's value.
	ID string
}

type entry struct {
	pid, parent, group, session int
	zombie                      bool
}

// Members lists the pids of the living members at this moment, zombies left out. More may be forked while it looks.
func (t Tree) Members() ([]int, error) {
	entries, err := scan()
	if err != nil {
		return nil, err
	}
	cookie := []byte(Cookie + "=" + t.ID)
	member := map[int]bool{}
	for _, e := range entries {
		inSession := t.Leader != 0 && (e.pid == t.Leader || e.group == t.Leader || e.session == t.Leader)
		if inSession || carries(e.pid, cookie) {
			member[e.pid] = true
		}
	}
	return living(entries, member), nil
}

// Descendants lists the pids of all living descendants of this process. As it inherits orphans, these are all that it ever started.
func Descendants() ([]int, error) {
	entries, err := scan()
	if err != nil {
		return nil, err
	}
	return living(entries, map[int]bool{os.Getpid(): true}), nil
}

// living adds the descendants of members and returns the pids of those that are no zombies.
func living(entries []entry, member map[int]bool) []int {
	for grown := true; grown; {
		grown = false
		for _, e := range entries {
			if !member[e.pid] && member[e.parent] {
				member[e.pid], grown = true, true
			}
		}
	}
	var pids []int
	for _, e := range entries {
		if member[e.pid] && !e.zombie {
			pids = append(pids, e.pid)
		}
	}
	return pids
}

// scan reads /proc, without this process. The owner of /proc/<pid> says nothing: a process that made itself undumpable shows as
// root's, yet its session can be read.
func scan() ([]entry, error) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer proc.Close()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	self := os.Getpid()
	var entries []entry
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil || pid == self {
			continue
		}
		text, err := os.ReadFile("/proc/" + name + "/stat")
		if err != nil {
			continue // ended meanwhile
		}
		if e, ok := parseStat(pid, string(text)); ok {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// parseStat reads state, ppid, pgrp and session: fields 3 to 6 of proc(5), counted after the name, which may hold anything.
func parseStat(pid int, text string) (entry, bool) {
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 4 {
		return entry{}, false
	}
	e := entry{pid: pid, zombie: fields[0] == "Z" || fields[0] == "X"}
	var errs [3]error
	e.parent, errs[0] = strconv.Atoi(fields[1])
	e.group, errs[1] = strconv.Atoi(fields[2])
	e.session, errs[2] = strconv.Atoi(fields[3])
	return e, errs == [3]error{}
}

func carries(pid int, cookie []byte) bool {
	environment, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return false
	}
	for variable := range bytes.SplitSeq(environment, []byte{0}) {
		if bytes.Equal(variable, cookie) {
			return true
		}
	}
	return false
}
