package netpol

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// portList is a rule's `ports` with the names set apart, because a name means another number in every destination pod.
type portList struct {
	any     bool
	numbers []PortRange
	names   []portName
}

type portName struct {
	name     string
	protocol corev1.Protocol
}

// portsOf reads a rule's `ports`. A port that cannot be understood adds nothing and is reported.
func portsOf(ports []networkingv1.NetworkPolicyPort) (portList, error) {
	if len(ports) == 0 {
		return portList{any: true}, nil
	}
	var list portList
	var broken error
	for i, port := range ports {
		protocol := corev1.ProtocolTCP
		if port.Protocol != nil {
			protocol = orTCP(*port.Protocol)
		}
		switch {
		case protocol != corev1.ProtocolTCP && protocol != corev1.ProtocolUDP && protocol != corev1.ProtocolSCTP:
			broken = errors.Join(broken, fmt.Errorf("ports[%d].protocol is %q; expected TCP, UDP or SCTP", i, protocol))
		case port.Port == nil && port.EndPort == nil:
			list.numbers = append(list.numbers, wholeProtocol(protocol))
		case port.Port != nil && port.Port.Type == intstr.String && port.EndPort == nil:
			list.names = append(list.names, portName{name: port.Port.StrVal, protocol: protocol})
		case port.Port != nil && port.Port.Type == intstr.Int:
			first, last := port.Port.IntVal, port.Port.IntVal
			if port.EndPort != nil {
				last = *port.EndPort
			}
			if first < 1 || last < first || last > 65535 {
				broken = errors.Join(broken, fmt.Errorf("ports[%d] is %d to %d; expected 1 to 65535, the end not below the start", i, first, last))
				continue
			}
			list.numbers = append(list.numbers, PortRange{Protocol: protocol, First: uint16(first), Last: uint16(last)})
		default:
			broken = errors.Join(broken, fmt.Errorf("ports[%d] has endPort without a numeric port", i))
		}
	}
	return list, broken
}

// at returns the ports meant when the destination is w; an empty result with ok=false means that none is.
func (l portList) at(w workload) (ports []PortRange, ok bool) {
	if l.any {
		return nil, true
	}
	ports = append(ports, l.numbers...)
	ports = append(ports, l.namedAt(w)...)
	return normalisePorts(ports), len(ports) > 0
}

// namedAt returns only the ports that names stand for in w.
func (l portList) namedAt(w workload) []PortRange {
	var ports []PortRange
	for _, port := range l.names {
		for _, number := range w.numbersOf(port.name, port.protocol) {
			ports = append(ports, PortRange{Protocol: port.protocol, First: number, Last: number})
		}
	}
	return ports
}
