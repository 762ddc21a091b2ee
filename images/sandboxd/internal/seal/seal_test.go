package seal

import (
	"bytes"
	"os"
	"os/exec"
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
