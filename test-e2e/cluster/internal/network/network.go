// Package network builds and removes the network namespaces of the nodes and their links to the host.
//
// A bridge on the host carries one veth pair for each node. Pod and Service addresses are routed from the host through the nodes, and the
// nodes route each other's pods directly, so that no packet is translated on its way.
package network

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"agenttier.io/test-e2e/cluster/internal/command"
	"agenttier.io/test-e2e/cluster/internal/subnet"
)

// Namespace is the name of a node's network namespace, as `ip netns` shows it.
func Namespace(cluster, node string) string { return "agenttier-" + cluster + "-" + node }

// NamespacePath is the file that setns takes.
func NamespacePath(cluster, node string) string {
	return filepath.Join("/run/netns", Namespace(cluster, node))
}

// HostPlan is the list of ip commands that give the host its side of the node network.
func HostPlan(plan subnet.Plan) [][]string {
	return [][]string{
		{"link", "add", plan.Bridge(), "address", plan.BridgeMAC(), "type", "bridge"},
		{"addr", "add", plan.Gateway().String() + "/24", "dev", plan.Bridge()},
		{"link", "set", plan.Bridge(), "up"},
	}
}

// NodePlan is the list of ip commands that create node number 1, 2, … of a cluster and the host's routes to it.
func NodePlan(plan subnet.Plan, namespace string, number int) [][]string {
	address := plan.NodeIP(number).String()
	inside := func(args ...string) []string { return append([]string{"-n", namespace}, args...) }
	commands := [][]string{
		{"netns", "add", namespace},
		{"link", "add", plan.Link(number), "type", "veth", "peer", "name", "eth0", "address", plan.NodeMAC(number), "netns", namespace},
		{"link", "set", plan.Link(number), "master", plan.Bridge(), "up"},
		inside("link", "set", "lo", "up"),
		inside("addr", "add", subnet.LocalDNS+"/32", "dev", "lo"),
		inside("addr", "add", address+"/24", "dev", "eth0"),
		inside("link", "set", "eth0", "up"),
		inside("route", "add", "default", "via", plan.Gateway().String()),
		{"route", "replace", plan.NodePods(number).String(), "via", address},
	}
	for other := 1; other <= subnet.MaxNodes; other++ {
		if other != number {
			commands = append(commands, inside("route", "add", plan.NodePods(other).String(), "via", plan.NodeIP(other).String()))
		}
	}
	if number == 1 {
		commands = append(commands, []string{"route", "replace", plan.Services().String(), "via", address})
	}
	return commands
}

// Run executes a plan and stops at the first failure.
func Run(ctx context.Context, commands [][]string) error {
	for _, args := range commands {
		if _, err := command.Output(ctx, append([]string{"ip"}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

// BridgeExists tells whether the host's side is there.
func BridgeExists(plan subnet.Plan) bool { return linkExists(plan.Bridge()) }

// RemoveNode removes the namespace of a node with its links; what is not there is no error. No process may live in it any more.
func RemoveNode(ctx context.Context, plan subnet.Plan, namespace string, number int) error {
	if linkExists(plan.Link(number)) {
		if err := Run(ctx, [][]string{{"link", "del", plan.Link(number)}}); err != nil {
			return err
		}
	}
	if _, err := os.Lstat(filepath.Join("/run/netns", namespace)); err != nil {
		return nil
	}
	return Run(ctx, [][]string{{"netns", "del", namespace}})
}

// RemoveHost removes the bridge, and with it the host's routes.
func RemoveHost(ctx context.Context, plan subnet.Plan) error {
	if !BridgeExists(plan) {
		return nil
	}
	return Run(ctx, [][]string{{"link", "del", plan.Bridge()}})
}

// LinkPath is a path that exists as long as the host has a link of that name.
func LinkPath(name string) string { return filepath.Join("/sys/class/net", name) }

func linkExists(name string) bool {
	_, err := os.Lstat(LinkPath(name))
	return err == nil
}

// HostRoutes lists the networks that the host has routes for.
func HostRoutes(ctx context.Context) ([]netip.Prefix, error) {
	listed, err := command.Output(ctx, "ip", "-json", "-4", "route", "show", "table", "all")
	if err != nil {
		return nil, err
	}
	return ParseRoutes(listed)
}

// ParseRoutes reads the answer of `ip -json -4 route`; broadcast and local entries count as well.
func ParseRoutes(listed string) ([]netip.Prefix, error) {
	var routes []struct {
		Destination string `json:"dst"`
	}
	if err := json.Unmarshal([]byte(listed), &routes); err != nil {
		return nil, fmt.Errorf("reading the host's routes: %w", err)
	}
	var networks []netip.Prefix
	for _, route := range routes {
		text := route.Destination
		if text == "default" {
			continue
		}
		if !strings.Contains(text, "/") {
			text += "/32"
		}
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("reading the host's routes: %w", err)
		}
		networks = append(networks, network)
	}
	return networks, nil
}
