package netpol

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"go4.org/netipx"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Compile decides what node has to enforce. The order of the arguments' elements does not matter, and nothing in them is changed.
//
// The Ruleset is valid even with an error, which names each part of a policy that could not be understood: such a part admits nothing,
// and a policy whose podSelector is broken isolates its whole namespace.
func Compile(policies []*networkingv1.NetworkPolicy, pods []*corev1.Pod, namespaces []*corev1.Namespace, node string) (Ruleset, error) {
	all := cluster{namespaces: map[string]labels.Set{}}
	for _, namespace := range namespaces {
		all.namespaces[namespace.Name] = namespace.Labels
	}
	for _, pod := range pods {
		if w, seen := asWorkload(pod); seen {
			all.workloads = append(all.workloads, w)
		}
	}
	rules := Ruleset{Ingress: map[netip.Addr][]Rule{}, Egress: map[netip.Addr][]Rule{}}
	var broken error
	for _, policy := range policies {
		if err := all.compilePolicy(policy, node, rules); err != nil {
			broken = errors.Join(broken, fmt.Errorf("network policy %s/%s: %w", policy.Namespace, policy.Name, err))
		}
	}
	normalise(rules.Ingress)
	normalise(rules.Egress)
	return rules, broken
}

func (c cluster) compilePolicy(policy *networkingv1.NetworkPolicy, node string, rules Ruleset) error {
	selector, broken := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
	if broken != nil {
		broken = fmt.Errorf("podSelector: %w", broken)
		selector = labels.Everything()
	}
	var targets []workload
	for _, w := range c.workloads {
		if w.node == node && w.namespace == policy.Namespace && selector.Matches(w.labels) {
			targets = append(targets, w)
		}
	}
	if len(targets) == 0 {
		return broken
	}
	ingress, egress := directions(policy)
	if ingress {
		broken = errors.Join(broken, c.compileIngress(policy, targets, rules.Ingress))
	}
	if egress {
		broken = errors.Join(broken, c.compileEgress(policy, targets, rules.Egress))
	}
	return broken
}

// directions applies the default of policyTypes: ingress always, egress if there are egress rules.
func directions(policy *networkingv1.NetworkPolicy) (ingress, egress bool) {
	if len(policy.Spec.PolicyTypes) == 0 {
		return true, len(policy.Spec.Egress) > 0
	}
	return slices.Contains(policy.Spec.PolicyTypes, networkingv1.PolicyTypeIngress),
		slices.Contains(policy.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
}

func (c cluster) compileIngress(policy *networkingv1.NetworkPolicy, targets []workload, into map[netip.Addr][]Rule) error {
	isolate(targets, into)
	var broken error
	for i, rule := range policy.Spec.Ingress {
		peers, peersErr := c.peersOf(policy.Namespace, rule.From)
		ports, portsErr := portsOf(rule.Ports)
		if err := errors.Join(peersErr, portsErr); err != nil {
			broken = errors.Join(broken, fmt.Errorf("ingress[%d]: %w", i, err))
		}
		if isEmpty(peers) {
			continue
		}
		for _, target := range targets {
			if numbers, some := ports.at(target); some {
				admit([]workload{target}, Rule{Peers: peers, Ports: numbers}, into)
			}
		}
	}
	return broken
}

func (c cluster) compileEgress(policy *networkingv1.NetworkPolicy, targets []workload, into map[netip.Addr][]Rule) error {
	isolate(targets, into)
	var broken error
	for i, rule := range policy.Spec.Egress {
		peers, peersErr := c.peersOf(policy.Namespace, rule.To)
		ports, portsErr := portsOf(rule.Ports)
		if err := errors.Join(peersErr, portsErr); err != nil {
			broken = errors.Join(broken, fmt.Errorf("egress[%d]: %w", i, err))
		}
		if isEmpty(peers) {
			continue
		}
		if ports.any || len(ports.numbers) > 0 {
			admit(targets, Rule{Peers: peers, Ports: normalisePorts(ports.numbers)}, into)
		}
		for _, named := range c.namedDestinations(peers, ports) {
			admit(targets, named, into)
		}
	}
	return broken
}

// namedDestinations resolves the named ports of an egress rule: for each number that a name stands for in some pod among the peers,
// one rule for the pods in which it stands for that number.
func (c cluster) namedDestinations(peers *netipx.IPSet, ports portList) []Rule {
	if len(ports.names) == 0 {
		return nil
	}
	destinations := map[PortRange]*netipx.IPSetBuilder{}
	for _, w := range c.workloads {
		for _, number := range ports.namedAt(w) {
			for _, address := range w.addresses {
				if peers != nil && !peers.Contains(address) {
					continue
				}
				if destinations[number] == nil {
					destinations[number] = &netipx.IPSetBuilder{}
				}
				destinations[number].Add(address)
			}
		}
	}
	var rules []Rule
	for number, builder := range destinations {
		// Single addresses are added only, which cannot fail.
		if set, err := builder.IPSet(); err == nil {
			rules = append(rules, Rule{Peers: set, Ports: []PortRange{number}})
		}
	}
	return rules
}

func isolate(targets []workload, in map[netip.Addr][]Rule) {
	for _, target := range targets {
		for _, address := range target.addresses {
			if _, isolated := in[address]; !isolated {
				in[address] = nil
			}
		}
	}
}

func admit(targets []workload, rule Rule, into map[netip.Addr][]Rule) {
	for _, target := range targets {
		for _, address := range target.addresses {
			into[address] = append(into[address], rule)
		}
	}
}

func isEmpty(peers *netipx.IPSet) bool {
	return peers != nil && len(peers.Ranges()) == 0
}

// normalise sorts the rules of each address by content and drops duplicates, so that equal rules look equal whatever came first.
func normalise(rules map[netip.Addr][]Rule) {
	for address, list := range rules {
		keyed := make(map[string]Rule, len(list))
		for _, rule := range list {
			keyed[rule.key()] = rule
		}
		sorted := make([]Rule, 0, len(keyed))
		for _, rule := range keyed {
			sorted = append(sorted, rule)
		}
		slices.SortFunc(sorted, func(a, b Rule) int { return cmp.Compare(a.key(), b.key()) })
		rules[address] = sorted
	}
}
