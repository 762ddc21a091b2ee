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
	kills := int64(4)
	l := NewLedger(func() (int64, bool) { return kills, true })
	mark := l.Mark()
	if l.Claim(mark) {
		t.Error("claimed a kill of before")
	}
	kills = 6
	for i, want := range []bool{true, true, false} {
		if got := l.Claim(mark); got != want {
			t.Errorf("claim %d of two kills: %v", i+1, got)
		}
	}
}

func TestAKillExplainsNothingThatStartedLater(t *testing.T) {
	kills := int64(0)
	l := NewLedger(func() (int64, bool) { return kills, true })
	long := l.Mark()
	kills = 1
	late := l.Mark()
	if l.Claim(late) {
		t.Error("claimed a kill of before its start")
	}
	kills = 2
	if !l.Claim(late) || !l.Claim(long) {
		t.Error("the later process took the kill of the earlier one")
	}
}

func TestNothingIsClaimedWithoutACounter(t *testing.T) {
	kills, known := int64(4), false
	l := NewLedger(func() (int64, bool) { return kills, known })
	blind := l.Mark()
	known = true
	seeing := l.Mark()
	kills = 5
	if l.Claim(blind) {
		t.Error("claimed a kill that may have been before its start")
	}
	known = false
	if l.Claim(seeing) {
		t.Error("claimed without a counter")
	}
}

func TestClaimsStayBounded(t *testing.T) {
	kills := int64(0)
	l := NewLedger(func() (int64, bool) { return kills, true })
	for range 3 * maxTaken {
		mark := l.Mark()
		kills++
		if !l.Claim(mark) {
			t.Fatalf("kill %d was not claimed", kills)
		}
	}
	if len(l.taken) > maxTaken {
		t.Errorf("%d kills are remembered", len(l.taken))
	}
}
