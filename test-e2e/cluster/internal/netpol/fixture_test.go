package netpol

import (
	"net/netip"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const thisNode = "node1"

// packet is the first one of a connection, after kube-proxy's translation.
type packet struct {
	from, to string
	protocol corev1.Protocol // empty for a protocol without ports, such as ICMP
	port     uint16
}

// admits says what the forward hook of the node does with p: both directions have to agree.
func (r Ruleset) admits(p packet) bool {
	from, to := netip.MustParseAddr(p.from), netip.MustParseAddr(p.to)
	if from == to {
		return true
	}
	out, egress := r.Egress[from]
	in, ingress := r.Ingress[to]
	return (!egress || oneAdmits(out, to, p)) && (!ingress || oneAdmits(in, from, p))
}

func oneAdmits(rules []Rule, peer netip.Addr, p packet) bool {
	for _, rule := range rules {
		if rule.Peers != nil && !rule.Peers.Contains(peer) {
			continue
		}
		if rule.Ports == nil {
			return true
		}
		for _, ports := range rule.Ports {
			if ports.Protocol == p.protocol && ports.First <= p.port && p.port <= ports.Last {
				return true
			}
		}
	}
	return false
}

func tcp(from, to string, port uint16) packet {
	return packet{from: from, to: to, protocol: corev1.ProtocolTCP, port: port}
}

func udp(from, to string, port uint16) packet {
	return packet{from: from, to: to, protocol: corev1.ProtocolUDP, port: port}
}

func icmp(from, to string) packet { return packet{from: from, to: to} }

// pod makes a running pod on thisNode; where is "namespace/name", tags is "key=value,key=value".
func pod(where, ip, tags string, change ...func(*corev1.Pod)) *corev1.Pod {
	namespace, name, _ := strings.Cut(where, "/")
	made := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: tagged(tags)},
		Spec:       corev1.PodSpec{NodeName: thisNode},
		Status:     corev1.PodStatus{Phase: corev1.PodRunning, PodIP: ip},
	}
	for _, apply := range change {
		apply(made)
	}
	return made
}

func namespace(name, tags string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: tagged(tags)}}
}

func tagged(tags string) map[string]string {
	labels := map[string]string{}
	for _, tag := range strings.Split(tags, ",") {
		if key, value, ok := strings.Cut(tag, "="); ok {
			labels[key] = value
		}
	}
	return labels
}

func selecting(tags string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: tagged(tags)}
}

func port(protocol corev1.Protocol, number intstr.IntOrString) networkingv1.NetworkPolicyPort {
	return networkingv1.NetworkPolicyPort{Protocol: &protocol, Port: &number}
}

func withPort(name string, number int32) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Ports: []corev1.ContainerPort{{Name: name, ContainerPort: number}}})
	}
}

type spec = networkingv1.NetworkPolicySpec

func policy(where string, s spec) *networkingv1.NetworkPolicy {
	namespace, name, _ := strings.Cut(where, "/")
	return &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Spec: s}
}

var (
	ingressOnly = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
	egressOnly  = []networkingv1.PolicyType{networkingv1.PolicyTypeEgress}
	bothTypes   = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
)

func from(peers ...networkingv1.NetworkPolicyPeer) networkingv1.NetworkPolicyIngressRule {
	return networkingv1.NetworkPolicyIngressRule{From: peers}
}

func to(peers ...networkingv1.NetworkPolicyPeer) networkingv1.NetworkPolicyEgressRule {
	return networkingv1.NetworkPolicyEgressRule{To: peers}
}

func block(cidr string, except ...string) networkingv1.NetworkPolicyPeer {
	return networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: cidr, Except: except}}
}

func compile(t *testing.T, policies []*networkingv1.NetworkPolicy, pods []*corev1.Pod, namespaces ...*corev1.Namespace) Ruleset {
	t.Helper()
	rules, err := Compile(policies, pods, namespaces, thisNode)
	if err != nil {
		t.Fatalf("Compile: %v", err)
	}
	return rules
}

func expect(t *testing.T, rules Ruleset, want bool, packets ...packet) {
	t.Helper()
	for _, p := range packets {
		if got := rules.admits(p); got != want {
			t.Errorf("%s %s -> %s port %d: passes = %v, want %v", p.protocol, p.from, p.to, p.port, got, want)
		}
	}
}
