package netpol

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"sigs.k8s.io/knftables"
)

// Family and Table name the one nft table that this package owns and writes.
const (
	Family = knftables.InetFamily
	Table  = "network-policy"
)

// Names of the objects that are always there. Everything else in the table is named by its content with the prefixes below.
const (
	forwardChain = "forward"
	inputChain   = "input"
	sourcesChain = "sources"

	ingressPrefix = "ingress-"
	egressPrefix  = "egress-"
	peersPrefix   = "peers-"
)

// family is one of the two address families of the table, with nft's words for it.
type family struct {
	name, expression, addressType string
	includes                      func(netip.Addr) bool
}

var families = []family{
	{name: "v4", expression: "ip", addressType: "ipv4_addr", includes: netip.Addr.Is4},
	{name: "v6", expression: "ip6", addressType: "ipv6_addr", includes: netip.Addr.Is6},
}

func (f family) ingressMap() string { return "ingress-pods-" + f.name }
func (f family) egressMap() string  { return "egress-pods-" + f.name }
func (f family) selfSet() string    { return "self-" + f.name }

// Apply makes the table of the network namespace it runs in equal to rules, whatever was there before, in one transaction: packets
// see the old rules or the new ones. An error leaves the old rules in force; calling again is safe.
func Apply(ctx context.Context, nft knftables.Interface, rules Ruleset) error {
	present, err := present(ctx, nft)
	if err != nil {
		return fmt.Errorf("list the nft table %q: %w", Table, err)
	}
	tx := nft.NewTransaction()
	render(tx, rules, present)
	if err := nft.Run(ctx, tx); err != nil {
		return fmt.Errorf("write the nft table %q (%d operations): %w", Table, tx.NumOperations(), err)
	}
	return nil
}

// objects are the chains and sets of the table that are named by content.
type objects struct {
	chains, sets []string
}

func present(ctx context.Context, nft knftables.Interface) (objects, error) {
	all, err := nft.ListAll(ctx)
	if knftables.IsNotFound(err) {
		return objects{}, nil
	}
	if err != nil {
		return objects{}, err
	}
	var found objects
	for _, name := range all["chain"] {
		if strings.HasPrefix(name, ingressPrefix) || strings.HasPrefix(name, egressPrefix) {
			found.chains = append(found.chains, name)
		}
	}
	for _, name := range all["set"] {
		if strings.HasPrefix(name, peersPrefix) {
			found.sets = append(found.sets, name)
		}
	}
	return found, nil
}

// render adds to tx what turns the table with the objects present into one for rules.
func render(tx *knftables.Transaction, rules Ruleset, present objects) {
	tx.Add(&knftables.Table{Comment: knftables.PtrTo("NetworkPolicy of this node's pods")})
	for _, f := range families {
		for _, name := range []string{f.ingressMap(), f.egressMap()} {
			tx.Add(&knftables.Map{Name: name, Type: f.addressType + " : verdict"})
			tx.Flush(&knftables.Map{Name: name})
		}
		tx.Add(&knftables.Set{Name: f.selfSet(), Type: f.addressType + " . " + f.addressType})
		tx.Flush(&knftables.Set{Name: f.selfSet()})
	}
	renderHooks(tx)

	written := &written{tx: tx, names: map[string]bool{}}
	for _, address := range sortedAddresses(rules.Ingress) {
		chain := written.chain(ingressPrefix, "saddr", rules.Ingress[address])
		written.verdict(familyOf(address).ingressMap(), address, chain)
		written.self(address)
	}
	for _, address := range sortedAddresses(rules.Egress) {
		chain := written.chain(egressPrefix, "daddr", rules.Egress[address])
		written.verdict(familyOf(address).egressMap(), address, chain)
		written.self(address)
	}

	// The maps that led to them are rewritten above, so nothing refers to these any more; sets go after the chains that use them.
	for _, name := range present.chains {
		if !written.names[name] {
			tx.Delete(&knftables.Chain{Name: name})
		}
	}
	for _, name := range present.sets {
		if !written.names[name] {
			tx.Delete(&knftables.Set{Name: name})
		}
	}
}

// written collects the names of the objects that a transaction writes, so that shared ones are written once.
type written struct {
	tx    *knftables.Transaction
	names map[string]bool
}

// chain returns the chain that returns for packets that one of the rules admits and drops all others. Returning leaves the decision of
// the other direction to the base chain. peer is the address that Rule.Peers speaks of, "saddr" or "daddr".
func (w *written) chain(prefix, peer string, rules []Rule) string {
	var keys strings.Builder
	for _, rule := range rules {
		keys.WriteString(rule.key())
		keys.WriteByte('\n')
	}
	name := prefix + contentName(keys.String())
	if w.names[name] {
		return name
	}
	w.names[name] = true
	w.tx.Add(&knftables.Chain{Name: name})
	w.tx.Flush(&knftables.Chain{Name: name})
	for _, rule := range rules {
		for _, peers := range w.peers(peer, rule) {
			for _, ports := range portMatches(rule.Ports) {
				text := strings.Join(strings.Fields(peers+" "+ports+" return"), " ")
				w.tx.Add(&knftables.Rule{Chain: name, Rule: text})
			}
		}
	}
	w.tx.Add(&knftables.Rule{Chain: name, Rule: "drop"})
	return name
}

// peers returns one match for each family that the rule's peers have addresses of, an empty one for every address.
func (w *written) peers(peer string, rule Rule) []string {
	if rule.Peers == nil {
		return []string{""}
	}
	var matches []string
	for _, f := range families {
		var elements []string
		for _, peers := range rule.Peers.Ranges() {
			switch {
			case !f.includes(peers.From()):
			case peers.From() == peers.To():
				elements = append(elements, peers.From().String())
			default:
				elements = append(elements, peers.From().String()+"-"+peers.To().String())
			}
		}
		if len(elements) == 0 {
			continue
		}
		name := peersPrefix + contentName(strings.Join(elements, " ")) + "-" + f.name
		w.peerSet(name, f, elements)
		matches = append(matches, knftables.Concat(f.expression, peer, "@", name))
	}
	return matches
}

func (w *written) peerSet(name string, f family, elements []string) {
	if w.names[name] {
		return
	}
	w.names[name] = true
	w.tx.Add(&knftables.Set{Name: name, Type: f.addressType, Flags: []knftables.SetFlag{knftables.IntervalFlag}})
	w.tx.Flush(&knftables.Set{Name: name})
	for _, element := range elements {
		w.tx.Add(&knftables.Element{Set: name, Key: []string{element}})
	}
}

func (w *written) verdict(in string, address netip.Addr, chain string) {
	w.tx.Add(&knftables.Element{Map: in, Key: []string{address.String()}, Value: []string{"jump " + chain}})
}

func (w *written) self(address netip.Addr) {
	name := familyOf(address).selfSet()
	w.tx.Add(&knftables.Element{Set: name, Key: []string{address.String(), address.String()}})
}

func portMatches(ports []PortRange) []string {
	if ports == nil {
		return []string{""}
	}
	var matches []string
	for _, p := range ports {
		protocol := strings.ToLower(string(p.Protocol))
		switch {
		case p == wholeProtocol(p.Protocol):
			matches = append(matches, "meta l4proto "+protocol)
		case p.First == p.Last:
			matches = append(matches, fmt.Sprintf("%s dport %d", protocol, p.First))
		default:
			matches = append(matches, fmt.Sprintf("%s dport %d-%d", protocol, p.First, p.Last))
		}
	}
	return matches
}

func familyOf(address netip.Addr) family {
	if address.Is4() {
		return families[0]
	}
	return families[1]
}

func sortedAddresses(rules map[netip.Addr][]Rule) []netip.Addr {
	addresses := make([]netip.Addr, 0, len(rules))
	for address := range rules {
		addresses = append(addresses, address)
	}
	slices.SortFunc(addresses, netip.Addr.Compare)
	return addresses
}

func contentName(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:10])
}
