package network

import (
	"slices"
	"strings"
	"testing"

	"agenttier.io/test-e2e/cluster/internal/subnet"
)

func TestRoutesOfTheHostAreRead(t *testing.T) {
	listed := `[{"dst":"default","gateway":"192.0.2.1"},{"dst":"192.0.2.0/24"},{"type":"local","dst":"192.0.2.2"},{"type":"broadcast","dst":"192.0.2.255"}]`
	routes, err := ParseRoutes(listed)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, route := range routes {
		texts = append(texts, route.String())
	}
	if want := []string{"192.0.2.0/24", "192.0.2.2/32", "192.0.2.255/32"}; !slices.Equal(texts, want) {
		t.Errorf("got %v, want %v", texts, want)
	}
	if _, err := ParseRoutes("none"); err == nil {
		t.Error("text that is no JSON was taken for routes")
	}
}

func TestNodesRouteEachOthersPodsAndOnlyTheFirstCarriesServices(t *testing.T) {
	plan, err := subnet.ForSlot(5)
	if err != nil {
		t.Fatal(err)
	}
	text := func(number int) string {
		var lines []string
		for _, command := range NodePlan(plan, "ns", number) {
			lines = append(lines, strings.Join(command, " "))
		}
		return strings.Join(lines, "\n")
	}
	for _, want := range []string{
		"-n ns route add 10.133.4.0/22 via 172.30.5.3", "route replace 10.133.0.0/22 via 172.30.5.2", "route replace 10.197.0.0/16 via 172.30.5.2",
		"-n ns addr add 169.254.20.10/32 dev lo",
	} {
		if !strings.Contains(text(1), want) {
			t.Errorf("node 1 lacks %q in\n%s", want, text(1))
		}
	}
	if !strings.Contains(text(2), "-n ns route add 10.133.0.0/22 via 172.30.5.2") || strings.Contains(text(2), "10.197.") {
		t.Errorf("node 2:\n%s", text(2))
	}
}
