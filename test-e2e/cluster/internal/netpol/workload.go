package netpol

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// workload is a pod as far as policies see it: one that has a network and addresses of its own.
type workload struct {
	namespace string
	labels    labels.Set
	node      string
	addresses []netip.Addr
	ports     []corev1.ContainerPort
}

// asWorkload returns false for pods that policies do not see: on the host's network, ended, or without an address yet.
func asWorkload(pod *corev1.Pod) (workload, bool) {
	if pod.Spec.HostNetwork || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return workload{}, false
	}
	addresses := podAddresses(pod)
	if len(addresses) == 0 {
		return workload{}, false
	}
	return workload{
		namespace: pod.Namespace,
		labels:    pod.Labels,
		node:      pod.Spec.NodeName,
		addresses: addresses,
		ports:     containerPorts(pod),
	}, true
}

func podAddresses(pod *corev1.Pod) []netip.Addr {
	var addresses []netip.Addr
	reported := []string{pod.Status.PodIP}
	for _, ip := range pod.Status.PodIPs {
		reported = append(reported, ip.IP)
	}
	for _, text := range reported {
		address, err := netip.ParseAddr(text)
		if err == nil && !slices.Contains(addresses, address.Unmap()) {
			addresses = append(addresses, address.Unmap())
		}
	}
	return addresses
}

// containerPorts lists the ports of everything that runs for the whole life of the pod: containers and init containers with
// restartPolicy Always.
func containerPorts(pod *corev1.Pod) []corev1.ContainerPort {
	var ports []corev1.ContainerPort
	for _, container := range pod.Spec.InitContainers {
		if container.RestartPolicy != nil && *container.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			ports = append(ports, container.Ports...)
		}
	}
	for _, container := range pod.Spec.Containers {
		ports = append(ports, container.Ports...)
	}
	return ports
}

// numbersOf returns the numbers that a port name stands for in this pod, none if it has no such port.
func (w workload) numbersOf(name string, protocol corev1.Protocol) []uint16 {
	var numbers []uint16
	for _, port := range w.ports {
		if port.Name == name && orTCP(port.Protocol) == protocol && port.ContainerPort > 0 && port.ContainerPort <= 65535 {
			numbers = append(numbers, uint16(port.ContainerPort))
		}
	}
	return numbers
}

func orTCP(protocol corev1.Protocol) corev1.Protocol {
	if protocol == "" {
		return corev1.ProtocolTCP
	}
	return protocol
}
