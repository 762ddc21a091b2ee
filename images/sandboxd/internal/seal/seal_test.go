package seal

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestMain lets this binary be the process that takes a secret out of its environment.
func TestMain(m *testing.M) {
	if os.Getenv("SEAL_TEST") == "" {
		os.Exit(m.Run())
	}
	value, ok, err := TakeEnv("SEAL_SECRET")
	if !ok || err != nil || string(value) != "hidden" || os.Getenv("SEAL_SECRET") != "" {
		os.Exit(3)
	}
	if _, again, _ := TakeEnv("SEAL_SECRET"); again {
		os.Exit(4)
	}
	agent, err := TakePrefixed("SEAL_AGENT_")
	if err != nil || len(agent) != 2 || agent["A"] != "covert" || agent["EMPTY"] != "" || os.Getenv("SEAL_AGENT_A") != "" {
		os.Exit(7)
	}
	if _, set := os.LookupEnv("SEAL_AGENT_"); set {
		os.Exit(8)
	}
	environ, err := os.ReadFile("/proc/self/environ")
	if err != nil || bytes.Contains(environ, []byte("hidden")) || bytes.Contains(environ, []byte("covert")) || !bytes.Contains(environ, []byte("SEAL_OTHER=seen")) {
		os.Exit(5)
	}
	if Undumpable() != nil {
		os.Exit(6)
	}
}

func TestSecretLeavesTheEnvironmentAndProc(t *testing.T) {
	command := exec.Command(os.Args[0])
	command.Env = []string{"SEAL_TEST=1", "SEAL_SECRET=hidden", "SEAL_AGENT_A=covert", "SEAL_AGENT_EMPTY=", "SEAL_AGENT_=covert", "SEAL_OTHER=seen"}
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestOnlyTheNamedVariableIsWiped(t *testing.T) {
	area := []byte("A=1\x00KEY=one\x00XKEY=two\x00KEY=three\x00KEY")
	wipe(area, "KEY")
	if want := "A=1\x00KEY=\x00\x00\x00\x00XKEY=two\x00KEY=\x00\x00\x00\x00\x00\x00KEY"; string(area) != want {
		t.Errorf("%q, expected %q", area, want)
	}
}

func FuzzWipeTakesTheValueAndNothingElse(f *testing.F) {
	f.Add([]byte("A=1\x00KEY=secret\x00B=2\x00"), []byte("secret"))
	f.Add([]byte("KEY\x00XKEY=1\x00"), []byte(""))
	f.Fuzz(func(t *testing.T, others, value []byte) {
		value = bytes.ReplaceAll(value, []byte{0}, nil)
		if bytes.HasPrefix(others, []byte("KEY=")) || bytes.Contains(others, []byte("\x00KEY=")) {
			return
		}
		if n := len(others); n > 0 && others[n-1] != 0 {
			others = append(bytes.Clone(others), 0)
		}
		area := slices.Concat(others, []byte("KEY="), value, []byte{0})
		wipe(area, "KEY")
		if want := slices.Concat(others, []byte("KEY="), make([]byte, len(value)+1)); !bytes.Equal(area, want) {
			t.Errorf("%q was left, expected %q", area, want)
		}
	})
}

func FuzzEnvironmentBounds(f *testing.F) {
	f.Add("1 (x) S" + strings.Repeat(" 1", 60))
	f.Add(")")
	f.Fuzz(func(t *testing.T, stat string) {
		if start, end, err := environmentBounds(stat); err == nil && (start == 0 || end < start || end-start > 1<<24) {
			t.Errorf("%q gives %d to %d", stat, start, end)
		}
	})
}
