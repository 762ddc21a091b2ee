package netpol

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"
	corev1 "k8s.io/api/core/v1"
)

// Ruleset is what one node enforces: for each direction the addresses of its isolated pods with what they admit.
// An address that is missing is not isolated in that direction; one with no rules admits nothing.
type Ruleset struct {
	// Ingress holds what may be sent to a pod; Rule.Peers are sources.
	Ingress map[netip.Addr][]Rule
	// Egress holds what a pod may send; Rule.Peers are destinations.
	Egress map[netip.Addr][]Rule
}

// Rule admits the packets whose other end is one of Peers and whose destination port is one of Ports. Rules are alternatives.
type Rule struct {
	// Peers is never empty; nil stands for every address of both families.
	Peers *netipx.IPSet
	// Ports is never empty but nil, which stands for every protocol and port. Sorted, without duplicates.
	Ports []PortRange
}

// PortRange is a range of destination ports of one protocol, both ends included; 0 to 65535 is the whole protocol.
type PortRange struct {
	Protocol    corev1.Protocol
	First, Last uint16
}

func wholeProtocol(protocol corev1.Protocol) PortRange {
	return PortRange{Protocol: protocol, First: 0, Last: 65535}
}

func (p PortRange) compare(other PortRange) int {
	return cmp.Or(cmp.Compare(p.Protocol, other.Protocol), cmp.Compare(p.First, other.First), cmp.Compare(p.Last, other.Last))
}

// key identifies the content of a rule: rules with equal keys admit the same packets.
func (r Rule) key() string {
	key := &strings.Builder{}
	if r.Peers == nil {
		key.WriteString("any")
	} else {
		for _, peers := range r.Peers.Ranges() {
			fmt.Fprintf(key, "%s ", peers)
		}
	}
	key.WriteByte('|')
	for _, ports := range r.Ports {
		fmt.Fprintf(key, "%s/%d-%d ", ports.Protocol, ports.First, ports.Last)
	}
	return key.String()
}

func normalisePorts(ports []PortRange) []PortRange {
	slices.SortFunc(ports, PortRange.compare)
	return slices.Compact(ports)
}
