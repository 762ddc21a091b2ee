package process

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"

	"agenttier.io/images/sandboxd/internal/clock"
	"agenttier.io/images/sandboxd/internal/fault"
)

const racers = 200

func invoke(limit int, argv ...string) *Request {
	return &Request{Class: "inv", Argv: argv, OnDisconnect: "keep", Cap: limit}
}

// race calls start from many goroutines that begin together.
func race(start func(i int)) {
	var all sync.WaitGroup
	gate := make(chan struct{})
	for i := range racers {
		all.Go(func() {
			<-gate
			start(i)
		})
	}
	close(gate)
	all.Wait()
}

func TestRacingInvokesNeverExceedTheCap(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	const limit = 4
	var mu sync.Mutex
	var started []*Process
	race(func(int) {
		p, release, _, err := table.Start(invoke(limit, "sleep", "1000"), Start{By: "alice"})
		if err == nil {
			release()
			mu.Lock()
			started = append(started, p)
			mu.Unlock()
			return
		}
		refused, ok := errors.AsType[*fault.Error](err)
		if !ok || refused.Status != 429 || refused.Header["Retry-After"] != "5" || refused.Header["AgentTier-Limit"] != "4" ||
			refused.Header["AgentTier-Inflight"] != "4" || !strings.HasPrefix(refused.Message, "4 invokes are running in this sandbox, at most 4 may") {
			t.Errorf("%+v", err)
		}
	})
	if len(started) != limit {
		t.Fatalf("%d run, expected %d", len(started), limit)
	}
	for _, p := range started { // each end frees one place, as soon as it is known
		if err := p.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		<-p.Done()
		_, release, _, err := table.Start(invoke(limit, "sleep", "1000"), Start{By: "alice"})
		if err != nil {
			t.Fatalf("after an end: %v", err)
		}
		release()
		if _, _, _, err := table.Start(invoke(limit, "sleep", "1000"), Start{By: "alice"}); !isStatus(err, 429) {
			t.Errorf("a second one after an end: %v", err)
		}
	}
}

func TestInvokesThatComeAndGoNeverExceedTheCap(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	race(func(int) {
		p, release, _, err := table.Start(invoke(4, "true"), Start{By: "alice"})
		if err != nil {
			if !isStatus(err, 429) {
				t.Error(err)
			}
			return
		}
		defer release()
		if _, _, invokes := table.Counts(); invokes > 4 {
			t.Errorf("%d run", invokes)
		}
		<-p.Done()
	})
	if table.invokes != 0 {
		t.Errorf("%d are counted after all have ended", table.invokes)
	}
}

func TestOnlyInvokesCountForTheCap(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	_, release := start(t, table, Request{Script: "echo; exec sleep 1000"})
	defer release()
	_, release, _, err := table.Start(invoke(1, "sleep", "1000"), Start{})
	if err != nil {
		t.Fatal(err)
	}
	release()
	_, release, _, err = table.Start(invoke(0, "sleep", "1000"), Start{})
	if err != nil {
		t.Fatalf("without a cap: %v", err)
	}
	release()
	_, _, _, err = table.Start(invoke(1, "true"), Start{})
	if refused, ok := errors.AsType[*fault.Error](err); !ok || refused.Header["AgentTier-Inflight"] != "2" || refused.Header["AgentTier-Limit"] != "1" {
		t.Errorf("%+v", err)
	}
}

func TestKeyFindsItsProcessAgainWhateverTheCap(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	keyed := func(limit int, argv ...string) *Request {
		request := invoke(limit, argv...)
		request.Key = "00112233445566ff"
		return request
	}
	var mu sync.Mutex
	found, made := map[*Process]bool{}, 0
	race(func(i int) {
		p, release, created, err := table.Start(keyed(1+i%2, "sleep", "1000"), Start{By: "alice"})
		if err != nil {
			t.Error(err)
			return
		}
		release()
		mu.Lock()
		defer mu.Unlock()
		found[p] = true
		if created {
			made++
		}
	})
	if len(found) != 1 || made != 1 {
		t.Fatalf("%d processes, %d made", len(found), made)
	}
	for p := range found {
		if want := "inv-" + incarnation + "00112233445566ff"; p.ID != want {
			t.Errorf("id %s, expected %s", p.ID, want)
		}
	}
	if _, _, _, err := table.Start(keyed(9, "sleep", "1001"), Start{By: "alice"}); !isStatus(err, 422) {
		t.Errorf("another request: %v", err)
	}
	if _, _, _, err := table.Start(keyed(9, "sleep", "1000"), Start{By: "bob", Own: true}); !isStatus(err, 403) {
		t.Errorf("another user who sees only his own: %v", err)
	}
}

func TestWhoKnowsAnEarlierConfigurationStartsNothing(t *testing.T) {
	table := newTable(t, clock.System{}, noKills)
	start := func(configured int64) error {
		request := invoke(0, "true")
		request.Configured = configured
		p, release, _, err := table.Start(request, Start{By: "alice"})
		if err == nil {
			release()
			<-p.Done()
		}
		return err
	}
	for _, fine := range []int64{5, 0, 5, 6} { // who does not say is believed; who knows a later one tells of it
		if err := start(fine); err != nil {
			t.Errorf("%d: %v", fine, err)
		}
	}
	table.Configured(8)
	table.Configured(7)
	refused, ok := errors.AsType[*fault.Error](start(7))
	if !ok || refused.Status != 409 || refused.Header["AgentTier-Configured"] != "8" {
		t.Errorf("%+v", refused)
	}
	if err := start(8); err != nil {
		t.Error(err)
	}
}

func TestCapAndKeyAreForInvokes(t *testing.T) {
	for i, request := range []Request{
		{Class: "exec", Cap: 1},
		{Class: "inv", Cap: -1},
		{Class: "exec", Configured: 1},
		{Class: "inv", Configured: -1},
		{Class: "exec", Key: "00112233445566ff"},
		{Class: "inv", Key: "00112233445566FF"},
		{Class: "inv", Key: "00112233445566f"},
		{Class: "inv", Key: "00112233445566ff0"},
		{Class: "inv", Key: "00112233445566ff", Name: "n"},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			request.Argv = []string{"true"}
			if err := request.Check(); !isStatus(err, 422) {
				t.Errorf("%+v: %v", request, err)
			}
		})
	}
	good := Request{Class: "inv", Argv: []string{"true"}, Cap: 3, Key: "00112233445566ff"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
}
