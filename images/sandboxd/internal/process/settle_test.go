package process

import (
	"testing"

	"agenttier.io/images/sandboxd/internal/clock"
)

func TestWhatSettlesAnEndComesBeforeAnybodyKnows(t *testing.T) {
	for name, request := range map[string]Request{
		"exited":      {Class: "install", Argv: []string{"true"}},
		"not started": {Class: "install", Argv: []string{"/no/such/program"}},
	} {
		t.Run(name, func(t *testing.T) {
			table := newTable(t, clock.System{}, noKills)
			settling, settled, calls := make(chan Record), make(chan struct{}), 0
			p, release, _, err := table.Start(&request, Start{By: "alice", Settle: func(r Record) {
				calls++
				settling <- r
				<-settled
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer release()
			told := <-settling
			select {
			case <-p.Done():
				t.Error("done before it was settled")
			default:
			}
			if p.Exit() != nil || !p.Info().Running {
				t.Errorf("record %+v before it was settled", p.Exit())
			}
			p.Cancel("bob") // too late: what was told stays
			close(settled)
			<-p.Done()
			if exit := p.Exit(); *exit.Code != *told.Code || exit.Outcome != told.Outcome || exit.EndedAt != told.EndedAt || calls != 1 {
				t.Errorf("record %+v, told %+v, %d times", *exit, told, calls)
			}
		})
	}
}
