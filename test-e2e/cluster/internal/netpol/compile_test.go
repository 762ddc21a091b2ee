package netpol

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The cluster of the table: two namespaces on this node, one pod on another node, one on the node's own network.
const (
	web     = "10.244.0.10" // shop, app=web, named port "http" 8080
	db      = "10.244.0.11" // shop, app=db, named port "http" 9090
	other   = "10.244.0.20" // lab (team=red), app=web, named port "http" 7070
	remote  = "10.244.4.30" // lab (team=red), app=web, on node2
	node    = "10.0.0.2"
	outside = "203.0.113.9"
)

func tablePods() []*corev1.Pod {
	return []*corev1.Pod{
		pod("shop/web", web, "app=web", withPort("http", 8080)),
		pod("shop/db", db, "app=db", withPort("http", 9090)),
		pod("lab/other", other, "app=web", withPort("http", 7070)),
		pod("lab/remote", remote, "app=web", func(p *corev1.Pod) { p.Spec.NodeName = "node2" }),
		pod("shop/host", node, "app=web", func(p *corev1.Pod) { p.Spec.HostNetwork = true }),
	}
}

func TestPoliciesAdmitWhatTheSpecificationSays(t *testing.T) {
	anyPort := func(p corev1.Protocol) networkingv1.NetworkPolicyPort {
		return networkingv1.NetworkPolicyPort{Protocol: &p}
	}
	ranged := func(first, last int32) networkingv1.NetworkPolicyPort {
		p := port(corev1.ProtocolTCP, intstr.FromInt32(first))
		p.EndPort = &last
		return p
	}
	pods := func(tags string) networkingv1.NetworkPolicyPeer {
		return networkingv1.NetworkPolicyPeer{PodSelector: selecting(tags)}
	}
	namespaces := func(tags string) networkingv1.NetworkPolicyPeer {
		return networkingv1.NetworkPolicyPeer{NamespaceSelector: selecting(tags)}
	}
	combined := networkingv1.NetworkPolicyPeer{NamespaceSelector: selecting("team=red"), PodSelector: selecting("app=db")}
	http := port(corev1.ProtocolTCP, intstr.FromString("http"))

	tests := []struct {
		name           string
		policy         spec
		passes, denied []packet
	}{
		{
			name:   "an empty policy isolates for ingress alone",
			policy: spec{PodSelector: *selecting("app=web")},
			passes: []packet{tcp(web, outside, 443), tcp(web, db, 80), tcp(outside, db, 80), tcp(outside, other, 80)},
			denied: []packet{tcp(db, web, 80), tcp(outside, web, 80), icmp(db, web), tcp(node, web, 80)},
		},
		{
			name:   "egress rules without policyTypes isolate both directions",
			policy: spec{PodSelector: *selecting("app=web"), Egress: []networkingv1.NetworkPolicyEgressRule{to(pods("app=db"))}},
			passes: []packet{tcp(web, db, 1), udp(web, db, 1), icmp(web, db)},
			denied: []packet{tcp(web, outside, 443), tcp(db, web, 80)},
		},
		{
			name:   "policyTypes Egress without rules leaves ingress open",
			policy: spec{PodSelector: *selecting("app=web"), PolicyTypes: egressOnly},
			passes: []packet{tcp(outside, web, 80), tcp(web, web, 80)},
			denied: []packet{tcp(web, db, 80), tcp(web, node, 10250), icmp(web, outside)},
		},
		{
			name:   "egress rules are void when policyTypes names ingress alone",
			policy: spec{PolicyTypes: ingressOnly, Egress: []networkingv1.NetworkPolicyEgressRule{to(block("192.0.2.0/24"))}},
			passes: []packet{tcp(web, outside, 443), tcp(db, outside, 443)},
			denied: []packet{tcp(outside, web, 443), tcp(web, db, 443)},
		},
		{
			name:   "an empty podSelector selects every pod of the namespace and none of another",
			policy: spec{PolicyTypes: bothTypes},
			passes: []packet{tcp(other, outside, 80), tcp(outside, other, 80), tcp(node, outside, 80)},
			denied: []packet{tcp(web, db, 80), tcp(web, other, 80), tcp(other, db, 80)},
		},
		{
			name:   "a rule without from and ports admits everything",
			policy: spec{PodSelector: *selecting("app=web"), Ingress: []networkingv1.NetworkPolicyIngressRule{{}}},
			passes: []packet{tcp(db, web, 80), udp(outside, web, 53), icmp(node, web), tcp("2001:db8::1", web, 1)},
		},
		{
			name:   "a podSelector peer means pods of the policy's own namespace",
			policy: spec{PodSelector: *selecting("app=db"), Ingress: []networkingv1.NetworkPolicyIngressRule{from(pods("app=web"))}},
			passes: []packet{tcp(web, db, 5432)},
			denied: []packet{tcp(other, db, 5432), tcp(remote, db, 5432), tcp(node, db, 5432)},
		},
		{
			name:   "a namespaceSelector peer means all pods of these namespaces, on any node",
			policy: spec{PodSelector: *selecting("app=db"), Ingress: []networkingv1.NetworkPolicyIngressRule{from(namespaces("team=red"))}},
			passes: []packet{tcp(other, db, 1), tcp(remote, db, 1)},
			denied: []packet{tcp(web, db, 1), tcp(outside, db, 1)},
		},
		{
			name:   "both selectors in one peer must both match",
			policy: spec{PodSelector: *selecting("app=web"), Ingress: []networkingv1.NetworkPolicyIngressRule{from(combined)}},
			denied: []packet{tcp(other, web, 1), tcp(db, web, 1)},
		},
		{
			name:   "two peers are alternatives",
			policy: spec{PodSelector: *selecting("app=web"), Ingress: []networkingv1.NetworkPolicyIngressRule{from(namespaces("team=red"), pods("app=db"))}},
			passes: []packet{tcp(other, web, 1), tcp(db, web, 1)},
			denied: []packet{tcp(outside, web, 1)},
		},
		{
			name:   "an ipBlock admits its range but for the excepted parts",
			policy: spec{PodSelector: *selecting("app=web"), PolicyTypes: egressOnly, Egress: []networkingv1.NetworkPolicyEgressRule{to(block("0.0.0.0/0", "10.0.0.0/8", "203.0.113.8/30"))}},
			passes: []packet{tcp(web, "203.0.113.7", 443), tcp(web, "203.0.113.12", 443), tcp(web, "9.255.255.255", 1), icmp(web, "198.51.100.1")},
			denied: []packet{tcp(web, outside, 443), tcp(web, db, 80), tcp(web, node, 10250)},
		},
		{
			name:   "what one ipBlock excepts another may admit",
			policy: spec{PodSelector: *selecting("app=web"), PolicyTypes: egressOnly, Egress: []networkingv1.NetworkPolicyEgressRule{to(block("10.0.0.0/8", "10.244.0.0/16"), block("10.244.0.11/32"))}},
			passes: []packet{tcp(web, db, 1), tcp(web, "10.1.2.3", 1)},
			denied: []packet{tcp(web, other, 1)},
		},
		{
			name: "numbers, ranges and whole protocols",
			policy: spec{PodSelector: *selecting("app=web"), Ingress: []networkingv1.NetworkPolicyIngressRule{{Ports: []networkingv1.NetworkPolicyPort{
				port(corev1.ProtocolTCP, intstr.FromInt32(443)), ranged(8000, 8010), anyPort(corev1.ProtocolUDP)}}}},
			passes: []packet{tcp(db, web, 443), tcp(outside, web, 8000), tcp(db, web, 8010), udp(db, web, 1), udp(db, web, 65535)},
			denied: []packet{tcp(db, web, 442), tcp(db, web, 7999), tcp(db, web, 8011), icmp(db, web), {db, web, corev1.ProtocolSCTP, 443}},
		},
		{
			name:   "a port without protocol is TCP",
			policy: spec{PodSelector: *selecting("app=web"), Ingress: []networkingv1.NetworkPolicyIngressRule{{Ports: []networkingv1.NetworkPolicyPort{{Port: &intstr.IntOrString{IntVal: 53}}}}}},
			passes: []packet{tcp(db, web, 53)},
			denied: []packet{udp(db, web, 53)},
		},
		{
			name:   "a named port of ingress is the target's own",
			policy: spec{Ingress: []networkingv1.NetworkPolicyIngressRule{{Ports: []networkingv1.NetworkPolicyPort{http}}}},
			passes: []packet{tcp(other, web, 8080), tcp(other, db, 9090)},
			denied: []packet{tcp(other, web, 9090), tcp(other, db, 8080)},
		},
		{
			name:   "a named port of egress is the destination's own",
			policy: spec{PolicyTypes: egressOnly, Egress: []networkingv1.NetworkPolicyEgressRule{{Ports: []networkingv1.NetworkPolicyPort{http}}}},
			passes: []packet{tcp(web, db, 9090), tcp(web, other, 7070), tcp(db, web, 8080)},
			denied: []packet{tcp(web, db, 8080), tcp(web, other, 9090), tcp(web, outside, 8080), tcp(web, remote, 7070)},
		},
		{
			name:   "a named port of egress counts only for the peers of its rule",
			policy: spec{PolicyTypes: egressOnly, Egress: []networkingv1.NetworkPolicyEgressRule{{To: []networkingv1.NetworkPolicyPeer{pods("app=db")}, Ports: []networkingv1.NetworkPolicyPort{http}}}},
			passes: []packet{tcp(web, db, 9090)},
			denied: []packet{tcp(web, other, 7070)},
		},
		{
			name:   "a name that no port has admits nothing",
			policy: spec{PodSelector: *selecting("app=web"), Ingress: []networkingv1.NetworkPolicyIngressRule{{Ports: []networkingv1.NetworkPolicyPort{port(corev1.ProtocolTCP, intstr.FromString("grpc"))}}}},
			denied: []packet{tcp(db, web, 8080), tcp(db, web, 1)},
		},
		{
			name:   "a name belongs to one protocol",
			policy: spec{PodSelector: *selecting("app=web"), Ingress: []networkingv1.NetworkPolicyIngressRule{{Ports: []networkingv1.NetworkPolicyPort{port(corev1.ProtocolUDP, intstr.FromString("http"))}}}},
			denied: []packet{tcp(db, web, 8080), udp(db, web, 8080)},
		},
		{
			name:   "peers that match no pod admit nobody",
			policy: spec{PodSelector: *selecting("app=web"), Ingress: []networkingv1.NetworkPolicyIngressRule{from(pods("app=none"))}},
			denied: []packet{tcp(db, web, 1), tcp(outside, web, 1)},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rules := compile(t, []*networkingv1.NetworkPolicy{policy("shop/p", test.policy)}, tablePods(), namespace("shop", ""), namespace("lab", "team=red"))
			expect(t, rules, true, test.passes...)
			expect(t, rules, false, test.denied...)
		})
	}
}

func TestPoliciesAddUpAndBothEndsMustAgree(t *testing.T) {
	policies := []*networkingv1.NetworkPolicy{
		policy("shop/closed", spec{PolicyTypes: bothTypes}),
		policy("shop/web-out", spec{PodSelector: *selecting("app=web"), PolicyTypes: egressOnly, Egress: []networkingv1.NetworkPolicyEgressRule{{}}}),
	}
	namespaces := []*corev1.Namespace{namespace("shop", ""), namespace("lab", "")}
	rules := compile(t, policies, tablePods(), namespaces...)
	expect(t, rules, true, tcp(web, outside, 443))
	expect(t, rules, false, tcp(web, db, 5432), tcp(db, outside, 443))

	policies = append(policies, policy("shop/db-in", spec{PodSelector: *selecting("app=db"), Ingress: []networkingv1.NetworkPolicyIngressRule{
		from(networkingv1.NetworkPolicyPeer{PodSelector: selecting("app=web")})}}))
	rules = compile(t, policies, tablePods(), namespaces...)
	expect(t, rules, true, tcp(web, db, 5432))
	expect(t, rules, false, tcp(other, db, 5432), tcp(db, web, 80))
}

func TestPodsOfOtherNodesAreNotEnforcedHere(t *testing.T) {
	rules := compile(t, []*networkingv1.NetworkPolicy{policy("lab/closed", spec{PolicyTypes: bothTypes})}, tablePods(), namespace("lab", ""))
	expect(t, rules, true, tcp(outside, remote, 80), tcp(remote, outside, 80))
	expect(t, rules, false, tcp(outside, other, 80))
}

func TestEndedPodsDropOutAsTargetsAndAsPeers(t *testing.T) {
	for _, phase := range []corev1.PodPhase{corev1.PodSucceeded, corev1.PodFailed} {
		pods := tablePods()
		pods[0].Status.Phase = phase
		rules := compile(t, []*networkingv1.NetworkPolicy{
			policy("shop/closed", spec{PodSelector: *selecting("app=web"), PolicyTypes: bothTypes}),
			policy("shop/db", spec{PodSelector: *selecting("app=db"), Ingress: []networkingv1.NetworkPolicyIngressRule{
				from(networkingv1.NetworkPolicyPeer{PodSelector: selecting("app=web")})}}),
		}, pods, namespace("shop", ""))
		expect(t, rules, true, tcp(outside, web, 80))
		expect(t, rules, false, tcp(web, db, 80))
	}
}

func TestAllAddressesOfADualStackPodAreIsolated(t *testing.T) {
	dual := pod("shop/dual", web, "app=web", func(p *corev1.Pod) {
		p.Status.PodIPs = []corev1.PodIP{{IP: web}, {IP: "fd00::10"}}
	})
	rules := compile(t, []*networkingv1.NetworkPolicy{policy("shop/closed", spec{Ingress: []networkingv1.NetworkPolicyIngressRule{from(block("fd00:1::/64"))}})},
		[]*corev1.Pod{dual}, namespace("shop", ""))
	expect(t, rules, true, tcp("fd00:1::5", "fd00::10", 80))
	expect(t, rules, false, tcp("fd00:2::5", "fd00::10", 80), tcp(outside, web, 80))
}

func TestNamedPortsOfSidecarsCountAndThoseOfOrdinaryInitContainersDoNot(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	target := pod("shop/web", web, "app=web", func(p *corev1.Pod) {
		p.Spec.InitContainers = []corev1.Container{
			{RestartPolicy: &always, Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 15001}}},
			{Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 15002}}},
		}
	})
	rules := compile(t, []*networkingv1.NetworkPolicy{policy("shop/p", spec{Ingress: []networkingv1.NetworkPolicyIngressRule{
		{Ports: []networkingv1.NetworkPolicyPort{port(corev1.ProtocolTCP, intstr.FromString("http"))}}}})}, []*corev1.Pod{target})
	expect(t, rules, true, tcp(db, web, 15001))
	expect(t, rules, false, tcp(db, web, 15002))
}

func TestBrokenPartsAdmitNothingAndAreNamed(t *testing.T) {
	badSelector := metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Near"}}}
	unknown, end := corev1.Protocol("ICMP"), int32(10)
	tests := []struct {
		name, names string
		policy      spec
	}{
		{"podSelector of the policy", "podSelector", spec{PodSelector: badSelector}},
		{"CIDR", "10.0.0.0/99", spec{Ingress: []networkingv1.NetworkPolicyIngressRule{from(block("10.0.0.0/99"))}}},
		{"except", "everything", spec{Ingress: []networkingv1.NetworkPolicyIngressRule{from(block("0.0.0.0/0", "everything"))}}},
		{"peer selector", "ingress[0]", spec{Ingress: []networkingv1.NetworkPolicyIngressRule{from(networkingv1.NetworkPolicyPeer{PodSelector: &badSelector})}}},
		{"empty peer", "is empty", spec{Ingress: []networkingv1.NetworkPolicyIngressRule{from(networkingv1.NetworkPolicyPeer{})}}},
		{"protocol", "ICMP", spec{Ingress: []networkingv1.NetworkPolicyIngressRule{{Ports: []networkingv1.NetworkPolicyPort{{Protocol: &unknown}}}}}},
		{"reversed range", "90 to 10", spec{Ingress: []networkingv1.NetworkPolicyIngressRule{{Ports: []networkingv1.NetworkPolicyPort{{Port: &intstr.IntOrString{IntVal: 90}, EndPort: &end}}}}}},
		{"endPort alone", "endPort", spec{Ingress: []networkingv1.NetworkPolicyIngressRule{{Ports: []networkingv1.NetworkPolicyPort{{EndPort: &end}}}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rules, err := Compile([]*networkingv1.NetworkPolicy{policy("shop/broken", test.policy)}, tablePods(), nil, thisNode)
			if err == nil || !strings.Contains(err.Error(), "shop/broken") || !strings.Contains(err.Error(), test.names) {
				t.Errorf("error %v; want one that names shop/broken and %q", err, test.names)
			}
			expect(t, rules, false, tcp(db, web, 80), tcp(outside, db, 10))
		})
	}
}
