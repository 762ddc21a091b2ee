package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"agenttier.io/test-e2e/cluster/internal/command"
	"agenttier.io/test-e2e/cluster/internal/render"
	"agenttier.io/test-e2e/cluster/internal/supervisor"
)

const (
	upTimeout      = 3 * time.Minute
	progressEvery  = 15 * time.Second
	requestTimeout = 5 * time.Second
)

// bringUp is a cluster on its way up.
type bringUp struct {
	out        io.Writer
	layout     render.Cluster
	machines   []machine
	started    []machine // the machines that this run has started
	unfinished bool      // no run has come to the end yet, or this one has started a machine
	since      time.Time // when it began to
	ended      map[string]<-chan error
}

// await returns when pods can be scheduled: every component answers, the objects of the cluster are there, the nodes are ready.
func (b *bringUp) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, upTimeout, fmt.Errorf("not up after %s", upTimeout))
	defer cancel()
	if b.unfinished {
		if err := b.fill(ctx); err != nil {
			return err
		}
	}
	for _, m := range b.machines {
		if err := b.poll(ctx, "the components of "+m.name, m.healthy); err != nil {
			return err
		}
	}
	return b.awaitNodes(ctx)
}

// fill gives the cluster what it needs before its components can work: the pause image and the objects.
func (b *bringUp) fill(ctx context.Context) error {
	for _, m := range b.machines {
		if err := b.poll(ctx, "containerd of "+m.name, func(ctx context.Context) error { return m.component(ctx, "containerd") }); err != nil {
			return err
		}
		archive, err := pauseImage(b.layout.Binaries.Path("pause", "pause"))
		if err != nil {
			return err
		}
		if err := m.importImage(ctx, b.layout.Binaries.Path("containerd", "ctr"), archive, "-"); err != nil {
			return err
		}
	}
	first := b.machines[0]
	if err := b.poll(ctx, "kube-apiserver", func(ctx context.Context) error { return first.component(ctx, "kube-apiserver") }); err != nil {
		return err
	}
	return b.applyObjects(ctx)
}

func (b *bringUp) applyObjects(ctx context.Context) error {
	objects, err := b.layout.Objects()
	if err != nil {
		return err
	}
	kubectl := b.layout.Binaries.Path("kubernetes", "kubectl")
	return b.poll(ctx, "the objects of the cluster", func(ctx context.Context) error {
		_, err := command.Feed(ctx, strings.NewReader(objects), kubectl, "--kubeconfig", b.layout.Kubeconfig(),
			"--request-timeout", requestTimeout.String(), "apply", "--server-side", "--force-conflicts", "--field-manager=local-cluster", "-f", "-")
		return err
	})
}

func (b *bringUp) awaitNodes(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", b.layout.Kubeconfig())
	if err != nil {
		return err
	}
	config.Timeout = requestTimeout
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	for _, m := range b.machines {
		err := b.poll(ctx, "node "+m.name, func(ctx context.Context) error {
			node, err := client.CoreV1().Nodes().Get(ctx, m.name, metav1.GetOptions{})
			if err != nil {
				return err
			}
			// A creation time has whole seconds.
			if err := schedulable(node); err != nil || !b.startedHere(m) || !node.CreationTimestamp.Time.Before(b.since.Truncate(time.Second)) {
				return err
			}
			// The node of an earlier run is still called ready: only a lease renewed by this kubelet tells the truth.
			lease, err := client.CoordinationV1().Leases(corev1.NamespaceNodeLease).Get(ctx, m.name, metav1.GetOptions{})
			if err != nil {
				return err
			}
			if lease.Spec.RenewTime == nil || lease.Spec.RenewTime.Time.Before(b.since) {
				return errors.New("its kubelet has not reported since the start")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return b.poll(ctx, "the default ServiceAccount", func(ctx context.Context) error {
		_, err := client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return errors.New("kube-controller-manager has not made it yet")
		}
		return err
	})
}

func (b *bringUp) startedHere(m machine) bool {
	return slices.ContainsFunc(b.started, func(other machine) bool { return other.name == m.name })
}

// schedulable says why pods cannot be scheduled to a node.
func schedulable(node *corev1.Node) error {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status != corev1.ConditionTrue {
			return fmt.Errorf("not ready: %s", condition.Message)
		}
	}
	for _, taint := range node.Spec.Taints {
		if taint.Effect != corev1.TaintEffectPreferNoSchedule {
			return fmt.Errorf("carries the taint %s", taint.Key)
		}
	}
	if len(node.Status.Conditions) == 0 {
		return errors.New("has not reported yet")
	}
	return nil
}

// poll asks until there is no error. It stops when a node that this run started has ended.
func (b *bringUp) poll(ctx context.Context, what string, ask func(context.Context) error) error {
	progress := time.NewTicker(progressEvery)
	defer progress.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		for _, ended := range b.ended {
			select {
			case how := <-ended:
				return how
			default:
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w: %w; logs are in %s/log", what, context.Cause(ctx), err, b.layout.Dir)
		case <-progress.C:
			fmt.Fprintf(b.out, "waiting for %s: %v\n", what, err)
		case <-time.After(pollInterval):
		}
	}
}

// component says why one component of the node does not work.
func (m machine) component(ctx context.Context, name string) error {
	return m.check(ctx, func(status supervisor.Status) error {
		if status.Name != name {
			return nil
		}
		return working(status)
	})
}

// healthy says why the node's components do not work.
func (m machine) healthy(ctx context.Context) error { return m.check(ctx, working) }

func (m machine) check(ctx context.Context, judge func(supervisor.Status) error) error {
	all, err := m.control.Status(ctx)
	if err != nil {
		return fmt.Errorf("supervisor of %s: %w", m.name, err)
	}
	var problems []error
	for _, status := range all {
		problems = append(problems, judge(status))
	}
	return errors.Join(problems...)
}

func working(status supervisor.Status) error {
	if status.State == supervisor.Running {
		return nil
	}
	return fmt.Errorf("%s is %s %s", status.Name, status.State, status.Problem)
}
