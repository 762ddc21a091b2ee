package oom

import "testing"

func TestCountersOfBothCgroupVersionsAreRead(t *testing.T) {
	for text, want := range map[string]int64{
		"low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n": 2,
		"oom_kill_disable 0\nunder_oom 0\noom_kill 5\n":                5,
	} {
		if got, ok := parse([]byte(text)); !ok || got != want {
			t.Errorf("%q: %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "oom_kill\n", "oom_kill x\n", "oom_kill_disable 0\nunder_oom 0\n"} {
		if got, ok := parse([]byte(text)); ok {
			t.Errorf("%q: %d", text, got)
		}
	}
}

func TestEachKillIsClaimedOnce(t *testing.T) {
	kills, known := int64(4), true
	l := NewLedger(func() (int64, bool) { return kills, known })
	if l.Claim() {
		t.Error("claimed a kill of before")
	}
	kills = 6
	for i, want := range []bool{true, true, false} {
		if got := l.Claim(); got != want {
			t.Errorf("claim %d of two kills: %v", i+1, got)
		}
	}
	kills = 7
	l.Forget()
	if l.Claim() {
		t.Error("claimed a forgotten kill")
	}
	kills, known = 9, false
	if l.Claim() {
		t.Error("claimed without a counter")
	}
}
