// Package subnet decides which addresses a cluster uses: every cluster on a host has a slot of its own, and all follows from its number.
package subnet

import (
	"fmt"
	"net/netip"
)

const (
	// Slots is the number of clusters that one host can carry.
	Slots = 64
	// MaxNodes is the number of nodes of one cluster.
	MaxNodes = 2
	// LocalDNS is where pods find CoreDNS: the same address on every node, served by the node itself.
	LocalDNS = "169.254.20.10"

	firstPodByte     = 128
	firstServiceByte = 192
	podBlock         = 4 // a /22 for each node: 1022 pods
)

// Plan holds the networks of one cluster.
type Plan struct{ slot int }

// ForSlot returns the plan of a slot, 0 ≤ slot < Slots.
func ForSlot(slot int) (Plan, error) {
	if slot < 0 || slot >= Slots {
		return Plan{}, fmt.Errorf("slot %d: expected 0 to %d", slot, Slots-1)
	}
	return Plan{slot}, nil
}

// Slot is the number this plan was made from.
func (p Plan) Slot() int { return p.slot }

// NodeNet is the network between the host and the nodes, for example 172.30.0.0/24.
func (p Plan) NodeNet() netip.Prefix { return prefix(172, 30, byte(p.slot), 0, 24) }

// Gateway is the host's address in NodeNet.
func (p Plan) Gateway() netip.Addr { return netip.AddrFrom4([4]byte{172, 30, byte(p.slot), 1}) }

// NodeIP is the address of node number 1, 2, … in NodeNet.
func (p Plan) NodeIP(number int) netip.Addr {
	return netip.AddrFrom4([4]byte{172, 30, byte(p.slot), byte(1 + number)})
}

// Pods is the range that holds the pods of all nodes, for example 10.128.0.0/16.
func (p Plan) Pods() netip.Prefix { return prefix(10, byte(firstPodByte+p.slot), 0, 0, 16) }

// NodePods is the part of Pods that node number 1, 2, … hands out.
func (p Plan) NodePods(number int) netip.Prefix {
	return prefix(10, byte(firstPodByte+p.slot), byte((number-1)*podBlock), 0, 22)
}

// Services is the range of ClusterIPs, for example 10.192.0.0/16.
func (p Plan) Services() netip.Prefix { return prefix(10, byte(firstServiceByte+p.slot), 0, 0, 16) }

// APIService is the ClusterIP of the Service kubernetes in namespace default.
func (p Plan) APIService() netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(firstServiceByte + p.slot), 0, 1})
}

// DNSService is the ClusterIP of the Service kube-dns in namespace kube-system.
func (p Plan) DNSService() netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(firstServiceByte + p.slot), 0, 10})
}

// Bridge is the name of the host's side of NodeNet.
func (p Plan) Bridge() string { return fmt.Sprintf("at%dbr", p.slot) }

// Link is the name of the host's end of the veth pair of node number 1, 2, ….
func (p Plan) Link(number int) string { return fmt.Sprintf("at%dn%d", p.slot, number) }

// BridgeMAC is the hardware address of the bridge. Hardware addresses are fixed so that a node that starts again is found by neighbours
// that still remember it; a bridge would otherwise take that of any of its ports.
func (p Plan) BridgeMAC() string { return p.mac(0) }

// NodeMAC is the hardware address of node number 1, 2, …, locally administered.
func (p Plan) NodeMAC(number int) string { return p.mac(number) }

func (p Plan) mac(number int) string { return fmt.Sprintf("02:a7:00:00:%02x:%02x", p.slot, number) }

// Free picks the first slot that no cluster has claimed and whose networks meet none of those in use on the host.
// A default route meets everything and is left out of the comparison.
func Free(claimed map[int]bool, inUse []netip.Prefix) (Plan, error) {
	for slot := range Slots {
		plan := Plan{slot}
		if !claimed[slot] && !plan.meets(inUse) {
			return plan, nil
		}
	}
	return Plan{}, fmt.Errorf("no free slot: all %d are claimed by other clusters or overlap a route of this host", Slots)
}

func (p Plan) meets(inUse []netip.Prefix) bool {
	for _, used := range inUse {
		if used.Bits() == 0 {
			continue
		}
		if used.Overlaps(p.NodeNet()) || used.Overlaps(p.Pods()) || used.Overlaps(p.Services()) {
			return true
		}
	}
	return false
}

func prefix(a, b, c, d byte, bits int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b, c, d}), bits)
}
