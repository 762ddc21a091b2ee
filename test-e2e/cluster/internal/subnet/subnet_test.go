package subnet

import (
	"net/netip"
	"testing"
)

func TestNetworksOfAllSlotsAreApart(t *testing.T) {
	var all []netip.Prefix
	links := map[string]bool{}
	for slot := range Slots {
		plan, err := ForSlot(slot)
		if err != nil {
			t.Fatal(err)
		}
		for _, network := range []netip.Prefix{plan.NodeNet(), plan.Pods(), plan.Services()} {
			for _, other := range all {
				if network.Overlaps(other) {
					t.Fatalf("slot %d: %s overlaps %s", slot, network, other)
				}
			}
			all = append(all, network)
		}
		for _, link := range []string{plan.Bridge(), plan.Link(1), plan.Link(2)} {
			if len(link) > 15 || links[link] {
				t.Errorf("link name %q is too long or used twice", link)
			}
			links[link] = true
		}
	}
}

func TestAddressesLieInTheirNetworks(t *testing.T) {
	plan, err := ForSlot(3)
	if err != nil {
		t.Fatal(err)
	}
	for number := 1; number <= MaxNodes; number++ {
		if !plan.NodeNet().Contains(plan.NodeIP(number)) || plan.NodeIP(number) == plan.Gateway() {
			t.Errorf("node %d has address %s", number, plan.NodeIP(number))
		}
		if !plan.Pods().Contains(plan.NodePods(number).Addr()) {
			t.Errorf("node %d has pods %s outside %s", number, plan.NodePods(number), plan.Pods())
		}
	}
	if plan.NodePods(1).Overlaps(plan.NodePods(2)) {
		t.Error("two nodes hand out the same pod addresses")
	}
	if plan.NodeMAC(1) == plan.NodeMAC(2) || plan.NodeMAC(1) == plan.BridgeMAC() {
		t.Error("two ends of the node network have the same hardware address")
	}
	if !plan.Services().Contains(plan.APIService()) || !plan.Services().Contains(plan.DNSService()) {
		t.Error("a Service address is outside the range of Services")
	}
}

func TestFreeSlot(t *testing.T) {
	full := map[int]bool{}
	for slot := range Slots {
		full[slot] = true
	}
	tests := []struct {
		name    string
		claimed map[int]bool
		inUse   []string
		want    int // -1: none
	}{
		{"first on an empty host", nil, nil, 0},
		{"next after claimed ones", map[int]bool{0: true, 1: true}, nil, 2},
		{"gap is filled", map[int]bool{0: true, 2: true}, nil, 1},
		{"route into the node network", nil, []string{"172.30.0.0/24"}, 1},
		{"wide route over pods of the first slots", nil, []string{"10.128.0.0/14"}, 4},
		{"single address among Services", nil, []string{"10.192.7.7/32"}, 1},
		{"default route meets nothing", nil, []string{"0.0.0.0/0"}, 0},
		{"no slot is left", full, nil, -1},
		{"whole 10/8 is in use", nil, []string{"10.0.0.0/8"}, -1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var inUse []netip.Prefix
			for _, text := range test.inUse {
				inUse = append(inUse, netip.MustParsePrefix(text))
			}
			plan, err := Free(test.claimed, inUse)
			if (err != nil) != (test.want < 0) || err == nil && plan.Slot() != test.want {
				t.Errorf("got slot %d, %v; want %d", plan.Slot(), err, test.want)
			}
		})
	}
}
