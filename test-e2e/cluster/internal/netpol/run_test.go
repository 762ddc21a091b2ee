package netpol

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

// started runs an enforcer over client until the test ends; what it applies arrives in the channel.
func started(t *testing.T, client *fake.Clientset, failures int) <-chan Ruleset {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	applied, done := make(chan Ruleset), make(chan error, 1)
	enforcer := newEnforcer(client, thisNode, func(ctx context.Context, rules Ruleset) error {
		if failures > 0 {
			failures--
			return errors.New("nft is busy")
		}
		select {
		case applied <- rules:
		case <-ctx.Done():
		}
		return nil
	})
	go func() { done <- enforcer.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return applied
}

// until takes rulesets until one isolates address for ingress or, with want=false, does not.
func until(t *testing.T, applied <-chan Ruleset, address string, want bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case rules := <-applied:
			if _, isolated := rules.Ingress[netip.MustParseAddr(address)]; isolated == want {
				return
			}
		case <-deadline:
			t.Fatalf("no ruleset came in which %s isolated = %v", address, want)
		}
	}
}

func TestRulesFollowPodsAndPolicies(t *testing.T) {
	ctx := context.Background()
	client := fake.NewClientset(namespace("shop", ""), policy("shop/closed", spec{PodSelector: *selecting("app=web")}))
	applied := started(t, client, 0)
	until(t, applied, web, false)

	pods := client.CoreV1().Pods("shop")
	starting := pod("shop/web", "", "app=web")
	if _, err := pods.Create(ctx, starting, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	starting.Status.PodIP = web
	if _, err := pods.UpdateStatus(ctx, starting, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, applied, web, true)

	if err := client.NetworkingV1().NetworkPolicies("shop").Delete(ctx, "closed", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, applied, web, false)
}

func TestAFailedTransactionIsTriedAgainWithoutANewEvent(t *testing.T) {
	client := fake.NewClientset(namespace("shop", ""), pod("shop/web", web, "app=web"), policy("shop/closed", spec{}))
	until(t, started(t, client, 3), web, true)
}

func TestOnlyChangesThatPoliciesSeeMakeATransaction(t *testing.T) {
	before := pod("shop/web", web, "app=web")
	for name, change := range map[string]struct {
		apply func(*corev1.Pod)
		want  bool
	}{
		"ready condition":          {func(p *corev1.Pod) { p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady}} }, false},
		"annotation":               {func(p *corev1.Pod) { p.Annotations = map[string]string{"a": "b"} }, false},
		"label":                    {func(p *corev1.Pod) { p.Labels["app"] = "db" }, true},
		"address":                  {func(p *corev1.Pod) { p.Status.PodIP = db }, true},
		"end":                      {func(p *corev1.Pod) { p.Status.Phase = corev1.PodSucceeded }, true},
		"another of the same name": {func(p *corev1.Pod) { p.UID = "new" }, true},
	} {
		after := before.DeepCopy()
		change.apply(after)
		if got := podsDiffer(before, after); got != change.want {
			t.Errorf("%s: differs = %v, want %v", name, got, change.want)
		}
	}
}
