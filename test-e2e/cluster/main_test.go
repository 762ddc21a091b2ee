package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFlagsMayStandBeforeAndAfterOperands(t *testing.T) {
	for _, line := range []string{"--name x a.tar b.tar", "a.tar --name x b.tar", "a.tar b.tar --name=x"} {
		parsed, err := parse("load", strings.Fields(line))
		if err != nil || parsed.name != "x" || !slices.Equal(parsed.operands, []string{"a.tar", "b.tar"}) || !parsed.given["name"] || parsed.given["dir"] {
			t.Errorf("%s: %+v, %v", line, parsed, err)
		}
	}
}

func TestWrongUsageIsToldAsSuch(t *testing.T) {
	for line, want := range map[string]string{
		"fly":               "unknown command",
		"up --nodes 0":      "expected 1 to 2",
		"up --nodes 3":      "expected 1 to 2",
		"up --nodes two":    "invalid value",
		"up now":            "takes no arguments",
		"down --nodes 1":    "not defined",
		"load":              "IMAGE.tar is missing",
		"restart":           "COMPONENT is missing",
		"restart etcd too":  "takes one COMPONENT",
		"status --node n":   "not defined",
		"kubeconfig --name": "needs an argument",
	} {
		words := strings.Fields(line)
		_, err := parse(words[0], words[1:])
		var wrong usageError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
		if err != nil && exitCode(err) != 2 {
			t.Errorf("%s: exit code %d", line, exitCode(err))
		}
	}
}

func TestEveryCommandIsInTheUsage(t *testing.T) {
	for command := range commands {
		if !strings.Contains(usage, "\n  "+command+" ") {
			t.Errorf("the usage does not tell of %s", command)
		}
	}
}

func TestRepositoryIsTheOneAroundTheFolder(t *testing.T) {
	root := t.TempDir()
	inner := filepath.Join(root, "docs", "deep")
	for _, dir := range []string{filepath.Join(root, componentModules), inner} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(inner)
	if found, err := (arguments{}).repository(); err != nil || found != root {
		t.Errorf("from below: %s, %v", found, err)
	}
	if found, err := (arguments{root: root}).repository(); err != nil || found != root {
		t.Errorf("by --root: %s, %v", found, err)
	}
	if _, err := (arguments{root: inner}).repository(); err == nil || !strings.Contains(err.Error(), "--root") {
		t.Errorf("a folder that is no repository: %v", err)
	}
}
