package netpol

import (
	"errors"
	"fmt"
	"net/netip"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// cluster is what peers are looked up in.
type cluster struct {
	workloads  []workload
	namespaces map[string]labels.Set
}

// peersOf returns the addresses that one of the peers describes; nil with no error means every address, as for an empty list.
// A peer that cannot be understood adds nothing and is reported.
func (c cluster) peersOf(namespace string, peers []networkingv1.NetworkPolicyPeer) (*netipx.IPSet, error) {
	if len(peers) == 0 {
		return nil, nil
	}
	var all netipx.IPSetBuilder
	var broken error
	for i, peer := range peers {
		var err error
		if peer.IPBlock != nil {
			err = addBlock(&all, peer.IPBlock)
		} else {
			err = c.addSelected(&all, namespace, peer)
		}
		if err != nil {
			broken = errors.Join(broken, fmt.Errorf("peer %d: %w", i, err))
		}
	}
	set, err := all.IPSet()
	return set, errors.Join(broken, err)
}

func addBlock(to *netipx.IPSetBuilder, block *networkingv1.IPBlock) error {
	cidr, err := netip.ParsePrefix(block.CIDR)
	if err != nil {
		return fmt.Errorf("ipBlock.cidr %q is no CIDR such as 10.0.0.0/8: %w", block.CIDR, err)
	}
	var builder netipx.IPSetBuilder
	builder.AddPrefix(cidr)
	for _, text := range block.Except {
		except, err := netip.ParsePrefix(text)
		if err != nil {
			return fmt.Errorf("ipBlock.except %q is no CIDR such as 10.0.0.0/8: %w", text, err)
		}
		builder.RemovePrefix(except)
	}
	set, err := builder.IPSet()
	if err != nil {
		return err
	}
	to.AddSet(set)
	return nil
}

func (c cluster) addSelected(to *netipx.IPSetBuilder, namespace string, peer networkingv1.NetworkPolicyPeer) error {
	pods, err := selectorOrEverything(peer.PodSelector)
	if err != nil {
		return fmt.Errorf("podSelector: %w", err)
	}
	namespaces, err := selectorOrEverything(peer.NamespaceSelector)
	if err != nil {
		return fmt.Errorf("namespaceSelector: %w", err)
	}
	if peer.PodSelector == nil && peer.NamespaceSelector == nil {
		return fmt.Errorf("is empty; expected podSelector, namespaceSelector or ipBlock")
	}
	for _, w := range c.workloads {
		if peer.NamespaceSelector == nil && w.namespace != namespace {
			continue
		}
		if peer.NamespaceSelector != nil {
			of, known := c.namespaces[w.namespace]
			if !known || !namespaces.Matches(of) {
				continue
			}
		}
		if pods.Matches(w.labels) {
			for _, address := range w.addresses {
				to.Add(address)
			}
		}
	}
	return nil
}

func selectorOrEverything(selector *metav1.LabelSelector) (labels.Selector, error) {
	if selector == nil {
		return labels.Everything(), nil
	}
	return metav1.LabelSelectorAsSelector(selector)
}
