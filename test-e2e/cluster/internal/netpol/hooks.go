package netpol

import "sigs.k8s.io/knftables"

// renderHooks writes the chains that every packet passes.
func renderHooks(tx *knftables.Transaction) {
	tx.Add(&knftables.Chain{Name: sourcesChain})
	base(tx, forwardChain, knftables.ForwardHook)
	base(tx, inputChain, knftables.InputHook)
	for _, chain := range []string{sourcesChain, forwardChain, inputChain} {
		tx.Flush(&knftables.Chain{Name: chain})
	}
	rule := func(chain string, parts ...any) {
		tx.Add(&knftables.Rule{Chain: chain, Rule: knftables.Concat(parts...)})
	}

	// Neighbour discovery comes from link-local addresses and, for duplicate detection, from none.
	rule(sourcesChain, "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept")
	rule(sourcesChain, "fib saddr . iif oif missing drop")
	rule(sourcesChain, "ip6 saddr fe80::/10 drop")

	rule(forwardChain, "jump", sourcesChain)
	rule(forwardChain, "ct state established,related accept")
	for _, f := range families {
		rule(forwardChain, f.expression, "saddr .", f.expression, "daddr", "@", f.selfSet(), "accept")
		rule(forwardChain, f.expression, "saddr vmap", "@", f.egressMap())
		rule(forwardChain, f.expression, "daddr vmap", "@", f.ingressMap())
	}

	rule(inputChain, "iif lo accept")
	rule(inputChain, "jump", sourcesChain)
	rule(inputChain, "ct state established,related accept")
	for _, f := range families {
		rule(inputChain, f.expression, "saddr vmap", "@", f.egressMap())
	}
}

func base(tx *knftables.Transaction, name string, hook knftables.BaseChainHook) {
	tx.Add(&knftables.Chain{
		Name:     name,
		Type:     knftables.PtrTo(knftables.FilterType),
		Hook:     &hook,
		Priority: knftables.PtrTo(knftables.FilterPriority),
	})
}
