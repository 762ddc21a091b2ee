// Package netpol enforces networking.k8s.io/v1 NetworkPolicy on one node of the local cluster.
//
// It runs in the node's network namespace and needs a CNI that routes: with `ptp` every packet from or to a pod passes the node's
// own IP stack, even between two pods of one node, so a chain at nftables' forward hook sees all of them. kube-proxy has translated
// Service addresses before that hook, so rules speak of pod addresses only.
//
// Three steps, each a file of its own:
//
//   - [Compile] is pure: policies, pods and namespaces in, a [Ruleset] for the pods of one node out.
//   - [Apply] writes a Ruleset to the kernel in one nft transaction. Chains and sets are named by their content, so pods with the same
//     rules share them and a packet costs two map lookups however many pods there are.
//   - [Run] watches the API and applies again whenever something that matters has changed, and once a minute in any case.
//
// What passes and what does not:
//
//   - A pod that no policy selects for a direction accepts everything in that direction. A connection needs the consent of both ends.
//   - Packets of established connections pass, also after a policy became stricter.
//   - What the node itself sends (kubelet's probes, processes of the control plane) always reaches its own pods. Other nodes and the
//     machine outside are peers by address, as for any ipBlock.
//   - What a pod sends to an address of its node is subject to the pod's egress rules.
//   - A pod always reaches itself, also through a Service.
//   - Pods with hostNetwork are the node: they are neither isolated nor matched by selectors. Ended pods count no more.
//   - A packet whose source address is not routed back through the interface it came from is dropped, since otherwise a pod that may
//     open raw sockets could borrow another pod's address, and so its rights. For the same reason link-local IPv6, whose addresses
//     belong to no pod, carries neighbour discovery only.
//   - A part of a policy that cannot be understood admits nothing, and its pods stay isolated.
//
// Limit: a policy takes effect when the pod's address appears in its status, some 50 ms later. kubelet reports the address up to about
// a second after the containers have started; until then the pod is like one that no policy selects. The rules stay in force while
// the enforcer is not running.
package netpol
