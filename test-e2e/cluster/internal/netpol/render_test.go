package netpol

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/knftables"
)

func apply(t *testing.T, nft knftables.Interface, rules Ruleset) {
	t.Helper()
	if err := Apply(context.Background(), nft, rules); err != nil {
		t.Fatal(err)
	}
}

func rulesOf(t *testing.T, fake *knftables.Fake, chain string) []string {
	t.Helper()
	found, exists := fake.Table.Chains[chain]
	if !exists {
		t.Fatalf("no chain %q in\n%s", chain, fake.Dump())
	}
	var texts []string
	for _, rule := range found.Rules {
		texts = append(texts, rule.Rule)
	}
	return texts
}

// chainOf returns the rules that a pod's address leads to.
func chainOf(t *testing.T, fake *knftables.Fake, in, address string) []string {
	t.Helper()
	element := fake.Table.Maps[in].FindElement(address)
	if element == nil {
		t.Fatalf("%s has no %s in\n%s", in, address, fake.Dump())
	}
	return rulesOf(t, fake, strings.TrimPrefix(element.Value[0], "jump "))
}

func TestAPodsAddressLeadsToItsRulesAndEndsInDrop(t *testing.T) {
	end := int32(8010)
	ranged := port(corev1.ProtocolTCP, intstr.FromInt32(8000))
	ranged.EndPort = &end
	udp := corev1.ProtocolUDP
	fake := knftables.NewFake(Family, Table)
	apply(t, fake, compile(t, []*networkingv1.NetworkPolicy{
		policy("shop/web", spec{PodSelector: *selecting("app=web"), PolicyTypes: bothTypes,
			Ingress: []networkingv1.NetworkPolicyIngressRule{{From: []networkingv1.NetworkPolicyPeer{block("10.1.0.0/16"), block("fd00::/8")}, Ports: []networkingv1.NetworkPolicyPort{ranged, {Protocol: &udp}}}}}),
	}, tablePods()))

	if got := chainOf(t, fake, "egress-pods-v4", web); !slices.Equal(got, []string{"drop"}) {
		t.Errorf("egress = %q, want drop alone", got)
	}
	got := chainOf(t, fake, "ingress-pods-v4", web)
	if len(got) != 5 || got[4] != "drop" {
		t.Fatalf("ingress = %q, want two matches for each family, then drop", got)
	}
	for i, want := range []string{"tcp dport 8000-8010 return", "meta l4proto udp return"} {
		if !strings.HasPrefix(got[i], "ip saddr @peers-") || !strings.HasSuffix(got[i], want) {
			t.Errorf("rule %d = %q, want IPv4 peers and %q", i, got[i], want)
		}
		if !strings.HasPrefix(got[i+2], "ip6 saddr @peers-") || !strings.HasSuffix(got[i+2], want) {
			t.Errorf("rule %d = %q, want IPv6 peers and %q", i+2, got[i+2], want)
		}
	}
	set := strings.TrimPrefix(strings.Fields(got[0])[2], "@")
	if fake.Table.Sets[set].FindElement("10.1.0.0-10.1.255.255") == nil {
		t.Errorf("set %s lacks 10.1.0.0-10.1.255.255 in\n%s", set, fake.Dump())
	}
}

func TestForwardAsksBothDirectionsAndInputOnlyEgress(t *testing.T) {
	fake := knftables.NewFake(Family, Table)
	apply(t, fake, Ruleset{})
	forward, input := rulesOf(t, fake, "forward"), rulesOf(t, fake, "input")
	for _, direction := range []string{"ip saddr vmap @egress-pods-v4", "ip daddr vmap @ingress-pods-v4", "ip6 saddr vmap @egress-pods-v6", "ip6 daddr vmap @ingress-pods-v6"} {
		if !slices.Contains(forward, direction) {
			t.Errorf("forward lacks %q: %q", direction, forward)
		}
		if asked := slices.Contains(input, direction); asked != strings.Contains(direction, "egress") {
			t.Errorf("input asks %q = %v", direction, asked)
		}
	}
	if forward[0] != "jump sources" || input[1] != "jump sources" {
		t.Errorf("sources are not checked first: forward %q, input %q", forward, input)
	}
}

func TestPodsWithTheSameRulesShareAChain(t *testing.T) {
	var pods []*corev1.Pod
	for i := range 300 {
		pods = append(pods, pod(fmt.Sprintf("shop/p%d", i), fmt.Sprintf("10.244.%d.%d", i/200, 1+i%200), ""))
	}
	fake := knftables.NewFake(Family, Table)
	apply(t, fake, compile(t, []*networkingv1.NetworkPolicy{policy("shop/closed", spec{PolicyTypes: bothTypes})}, pods))
	if got := len(fake.Table.Chains); got != 5 {
		t.Errorf("%d chains, want the 3 fixed ones and one a direction:\n%s", got, fake.Dump())
	}
	if got := len(fake.Table.Maps["ingress-pods-v4"].Elements); got != 300 {
		t.Errorf("%d isolated addresses, want 300", got)
	}
}

func TestApplyingAgainLeavesNothingOfTheRulesBefore(t *testing.T) {
	closed := []*networkingv1.NetworkPolicy{policy("shop/p", spec{PolicyTypes: bothTypes, Ingress: []networkingv1.NetworkPolicyIngressRule{from(block("10.9.0.0/16"))}})}
	fresh, used := knftables.NewFake(Family, Table), knftables.NewFake(Family, Table)
	apply(t, used, compile(t, closed, tablePods()))
	apply(t, used, compile(t, closed, tablePods()))
	apply(t, used, Ruleset{})
	apply(t, fresh, Ruleset{})
	if used.Dump() != fresh.Dump() {
		t.Errorf("after removal:\n%s\nnever there:\n%s", used.Dump(), fresh.Dump())
	}
}
