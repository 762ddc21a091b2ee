package netpol

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	networkinglisters "k8s.io/client-go/listers/networking/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/knftables"
)

const (
	// settle gathers the events of one change (a pod and its policy, say) into one transaction. Small against the 50 ms in which a
	// policy should be in force.
	settle = 10 * time.Millisecond
	// resync repairs a table that someone else has changed.
	resync = time.Minute
	// applyTimeout ends an nft that hangs; a transaction for 300 pods takes well under a second.
	applyTimeout = 30 * time.Second
	// A failed transaction is tried again after firstRetry, then after twice as long each time, up to lastRetry.
	firstRetry = 100 * time.Millisecond
	lastRetry  = 10 * time.Second
)

// Run enforces NetworkPolicy for the pods of node until ctx is done, which is no error. It must run in the node's network namespace
// as root with `nft` in the PATH, and may list and watch pods, namespaces and networkpolicies. Failures of the API or of nft are
// logged and tried again for ever, with the last rules in force; the rules stay when Run returns.
func Run(ctx context.Context, cfg *rest.Config, node string) error {
	client, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return fmt.Errorf("client for NetworkPolicy of node %s: %w", node, err)
	}
	nft, err := knftables.New(Family, Table)
	if err != nil {
		return fmt.Errorf("NetworkPolicy of node %s needs root and nft 1.0.1 or newer: %w", node, err)
	}
	return newEnforcer(client, node, func(ctx context.Context, rules Ruleset) error {
		return Apply(ctx, nft, rules)
	}).run(ctx)
}

// enforcer turns events into calls of apply, one at a time.
type enforcer struct {
	node  string
	apply func(context.Context, Ruleset) error

	factory    informers.SharedInformerFactory
	pods       corelisters.PodLister
	namespaces corelisters.NamespaceLister
	policies   networkinglisters.NetworkPolicyLister
	// changed holds at most one signal: that the last Ruleset applied may be out of date.
	changed chan struct{}
}

func newEnforcer(client kubernetes.Interface, node string, apply func(context.Context, Ruleset) error) *enforcer {
	factory := informers.NewSharedInformerFactory(client, 0)
	return &enforcer{
		node:       node,
		apply:      apply,
		factory:    factory,
		pods:       factory.Core().V1().Pods().Lister(),
		namespaces: factory.Core().V1().Namespaces().Lister(),
		policies:   factory.Networking().V1().NetworkPolicies().Lister(),
		changed:    make(chan struct{}, 1),
	}
}

func (e *enforcer) run(ctx context.Context) error {
	informers := []struct {
		informer cache.SharedIndexInformer
		differ   func(before, after any) bool
	}{
		{e.factory.Core().V1().Pods().Informer(), podsDiffer},
		{e.factory.Core().V1().Namespaces().Informer(), namespacesDiffer},
		{e.factory.Networking().V1().NetworkPolicies().Informer(), policiesDiffer},
	}
	for _, watched := range informers {
		if _, err := watched.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    func(any) { e.signal() },
			DeleteFunc: func(any) { e.signal() },
			UpdateFunc: func(before, after any) {
				if watched.differ(before, after) {
					e.signal()
				}
			},
		}); err != nil {
			return fmt.Errorf("watch for NetworkPolicy of node %s: %w", e.node, err)
		}
	}
	e.factory.Start(ctx.Done())
	defer e.factory.Shutdown()
	for kind, synced := range e.factory.WaitForCacheSync(ctx.Done()) {
		if !synced && ctx.Err() == nil {
			return fmt.Errorf("the first list of %s for NetworkPolicy of node %s did not end", kind, e.node)
		}
	}
	e.signal()
	return e.follow(ctx)
}

func (e *enforcer) signal() {
	select {
	case e.changed <- struct{}{}:
	default:
	}
}

// follow applies after every signal, after resync, and after a failure.
func (e *enforcer) follow(ctx context.Context) error {
	retry := firstRetry
	next := time.NewTimer(resync)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-next.C:
		case <-e.changed:
			if !pause(ctx, settle) {
				return nil
			}
		}
		if err := e.sync(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			slog.Error("network policy not applied, the rules before stay in force", "node", e.node, "retryAfter", retry, "error", err)
			next.Reset(retry)
			retry = min(2*retry, lastRetry)
			continue
		}
		retry = firstRetry
		next.Reset(resync)
	}
}

func (e *enforcer) sync(ctx context.Context) error {
	// Signals from here on are about changes that the lists below may not have.
	select {
	case <-e.changed:
	default:
	}
	pods, podsErr := e.pods.List(labels.Everything())
	namespaces, namespacesErr := e.namespaces.List(labels.Everything())
	policies, policiesErr := e.policies.List(labels.Everything())
	if err := errors.Join(podsErr, namespacesErr, policiesErr); err != nil {
		return err
	}
	rules, broken := Compile(policies, pods, namespaces, e.node)
	if broken != nil {
		slog.Warn("parts of network policies admit nothing because they cannot be understood", "node", e.node, "error", broken)
	}
	ctx, cancel := context.WithTimeout(ctx, applyTimeout)
	defer cancel()
	return e.apply(ctx, rules)
}

func pause(ctx context.Context, length time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(length):
		return true
	}
}

// podsDiffer tells the changes that policies see from the many others that a pod's status goes through.
func podsDiffer(before, after any) bool {
	old, new := before.(*corev1.Pod), after.(*corev1.Pod)
	was, counted := asWorkload(old)
	is, counts := asWorkload(new)
	return old.UID != new.UID || counted != counts || was.node != is.node ||
		!maps.Equal(was.labels, is.labels) || !slices.Equal(was.addresses, is.addresses)
}

func namespacesDiffer(before, after any) bool {
	return !maps.Equal(before.(*corev1.Namespace).Labels, after.(*corev1.Namespace).Labels)
}

func policiesDiffer(before, after any) bool {
	return !equality.Semantic.DeepEqual(before.(*networkingv1.NetworkPolicy).Spec, after.(*networkingv1.NetworkPolicy).Spec)
}
