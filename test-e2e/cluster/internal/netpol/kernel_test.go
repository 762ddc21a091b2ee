package netpol

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func (f *fabric) enforce(policies ...*networkingv1.NetworkPolicy) {
	f.t.Helper()
	var pods []*corev1.Pod
	for name, address := range podsOfFabric {
		pods = append(pods, pod("lab/"+name, address, "pod="+name, withPort("http", 8080)))
	}
	rules, err := Compile(policies, pods, []*corev1.Namespace{namespace("lab", "")}, thisNode)
	if err != nil {
		f.t.Fatal(err)
	}
	f.inside("node", func() error { return Apply(context.Background(), f.nft, rules) })
}

func TestTheKernelEnforcesTheRules(t *testing.T) {
	f := newFabric(t)
	for name, address := range podsOfFabric {
		f.serve(name, address+":8080")
		f.serve(name, address+":9090")
	}
	f.serve("node", nodeAddress+":53")
	toA, toB, toNode := podsOfFabric["a"]+":8080", podsOfFabric["b"]+":8080", nodeAddress+":53"

	t.Run("without policies everything passes", func(t *testing.T) {
		f.t = t
		f.enforce()
		f.expect(true, "a", toB)
		f.expect(true, "c", toA)
		f.expect(true, "node", toA)
		f.expect(true, "a", toNode)
	})
	t.Run("ingress by pod selector and named port", func(t *testing.T) {
		f.t = t
		f.enforce(policy("lab/b", spec{PodSelector: *selecting("pod=b"), Ingress: []networkingv1.NetworkPolicyIngressRule{{
			From:  []networkingv1.NetworkPolicyPeer{{PodSelector: selecting("pod=a")}},
			Ports: []networkingv1.NetworkPolicyPort{port(corev1.ProtocolTCP, intstr.FromString("http"))}}}}))
		f.expect(true, "a", toB)
		f.expect(false, "c", toB)
		f.expect(false, "a", podsOfFabric["b"]+":9090")
		f.expect(true, "c", toA)
		f.expect(true, "node", toB)
		f.expect(true, "b", toA)
		f.expect(true, "b", toB)
	})
	t.Run("a stranger cannot borrow the address of an admitted pod", func(t *testing.T) {
		f.t = t
		f.enforce(policy("lab/b", spec{PodSelector: *selecting("pod=b"), Ingress: []networkingv1.NetworkPolicyIngressRule{
			from(networkingv1.NetworkPolicyPeer{PodSelector: selecting("pod=a")})}}))
		f.ip("c", "addr", "add", podsOfFabric["a"]+"/32", "dev", "eth0")
		received := f.receive("b", podsOfFabric["b"]+":8080")
		f.send("c", podsOfFabric["a"]+":4001", podsOfFabric["b"]+":8080", "borrowed")
		f.send("a", podsOfFabric["a"]+":4002", podsOfFabric["b"]+":8080", "own")
		if got := received(); got != "own" {
			t.Errorf("b received %q first, want the packet of a alone", got)
		}
		f.ip("c", "addr", "delete", podsOfFabric["a"]+"/32", "dev", "eth0")
	})
	t.Run("egress by ipBlock, towards the node too", func(t *testing.T) {
		f.t = t
		f.enforce(policy("lab/a", spec{PodSelector: *selecting("pod=a"), PolicyTypes: egressOnly, Egress: []networkingv1.NetworkPolicyEgressRule{
			to(block("10.99.0.0/16", podsOfFabric["c"]+"/32"))}}))
		f.expect(true, "a", toB)
		f.expect(false, "a", podsOfFabric["c"]+":8080")
		f.expect(false, "a", toNode)
		f.expect(true, "c", toNode)
		f.enforce(policy("lab/a", spec{PodSelector: *selecting("pod=a"), PolicyTypes: egressOnly, Egress: []networkingv1.NetworkPolicyEgressRule{
			{To: []networkingv1.NetworkPolicyPeer{block(nodeAddress + "/32")}, Ports: []networkingv1.NetworkPolicyPort{port(corev1.ProtocolTCP, intstr.FromInt32(53))}}}}))
		f.expect(true, "a", toNode)
		f.expect(false, "a", toB)
	})
	t.Run("an open connection survives a stricter policy, a new one is refused", func(t *testing.T) {
		f.t = t
		f.enforce()
		open := f.connect("a", toB)
		f.enforce(policy("lab/closed", spec{PolicyTypes: bothTypes}))
		buffer := make([]byte, 1)
		if _, err := open.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if err := open.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := open.Read(buffer); err != nil {
			t.Errorf("the open connection: %v", err)
		}
		f.expect(false, "a", toB)
		f.expect(true, "node", toB)
		f.enforce()
		f.expect(true, "a", toB)
	})
}

func TestARuleSetFor300PodsIsWritten(t *testing.T) {
	f := newFabric(t)
	var pods []*corev1.Pod
	var policies []*networkingv1.NetworkPolicy
	for i := range 300 {
		name := fmt.Sprintf("p%d", i)
		pods = append(pods, pod("lab/"+name, fmt.Sprintf("10.99.%d.%d", 1+i/200, 1+i%200), "sandbox="+name))
		policies = append(policies, policy("lab/"+name, spec{PodSelector: *selecting("sandbox=" + name), PolicyTypes: bothTypes,
			Ingress: []networkingv1.NetworkPolicyIngressRule{{From: []networkingv1.NetworkPolicyPeer{{PodSelector: selecting(fmt.Sprintf("sandbox=p%d", (i+1)%300))}},
				Ports: []networkingv1.NetworkPolicyPort{port(corev1.ProtocolTCP, intstr.FromInt32(9000))}}},
			Egress: []networkingv1.NetworkPolicyEgressRule{to(block("0.0.0.0/0", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))}}))
	}
	rules := compile(t, policies, pods, namespace("lab", ""))
	for range 2 {
		f.inside("node", func() error { return Apply(context.Background(), f.nft, rules) })
	}
	f.inside("node", func() error { return Apply(context.Background(), f.nft, Ruleset{}) })
	out, err := exec.Command("ip", "netns", "exec", f.in("node"), "nft", "list", "table", string(Family), Table).CombinedOutput()
	if err != nil || strings.Contains(string(out), peersPrefix) || strings.Contains(string(out), "10.99.") {
		t.Errorf("rules of 300 pods were removed, but the table still is: %v\n%s", err, out)
	}
}
