package netpol

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"sigs.k8s.io/knftables"
)

// denied is how long a connection may hang before the packet counts as dropped. Over veths a connection takes well under 1 ms.
const denied = 400 * time.Millisecond

const nodeAddress = "169.254.20.10"

// fabric is a node with three pods as ptp connects them: a veth each, a /32 route on the node's side.
type fabric struct {
	t    *testing.T
	name string
	nft  knftables.Interface
}

var podsOfFabric = map[string]string{"a": "10.99.0.2", "b": "10.99.0.3", "c": "10.99.0.4"}

func newFabric(t *testing.T) *fabric {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root to make network namespaces")
	}
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("needs nft")
	}
	f := &fabric{t: t, name: fmt.Sprintf("netpol-%d", os.Getpid())}
	f.namespace("node")
	f.ip("node", "addr", "add", nodeAddress+"/32", "dev", "lo")
	for pod, address := range podsOfFabric {
		f.namespace(pod)
		f.ip("node", "link", "add", "veth-"+pod, "type", "veth", "peer", "name", "eth0", "netns", f.in(pod))
		f.ip("node", "link", "set", "veth-"+pod, "up")
		f.ip("node", "addr", "add", "10.99.0.1/32", "dev", "veth-"+pod)
		f.ip("node", "route", "add", address+"/32", "dev", "veth-"+pod)
		f.ip(pod, "link", "set", "eth0", "up")
		f.ip(pod, "addr", "add", address+"/32", "dev", "eth0")
		f.ip(pod, "route", "add", "10.99.0.1/32", "dev", "eth0")
		f.ip(pod, "route", "add", "default", "via", "10.99.0.1")
	}
	f.inside("node", func() error { return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0) })
	f.inside("node", func() (err error) {
		f.nft, err = knftables.New(Family, Table)
		return err
	})
	return f
}

func (f *fabric) in(namespace string) string { return f.name + "-" + namespace }

func (f *fabric) namespace(name string) {
	f.t.Helper()
	f.command("ip", "netns", "add", f.in(name))
	f.t.Cleanup(func() { f.command("ip", "netns", "delete", f.in(name)) })
	f.ip(name, "link", "set", "lo", "up")
}

func (f *fabric) ip(namespace string, arguments ...string) {
	f.t.Helper()
	f.command("ip", append([]string{"-n", f.in(namespace)}, arguments...)...)
}

func (f *fabric) command(name string, arguments ...string) {
	f.t.Helper()
	if out, err := exec.Command(name, arguments...).CombinedOutput(); err != nil {
		f.t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, out)
	}
}

// inside runs do on a thread of its own in the namespace; sockets and processes it makes belong there. The thread ends with it.
func (f *fabric) inside(namespace string, do func() error) {
	f.t.Helper()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		done <- func() error {
			handle, err := os.Open("/run/netns/" + f.in(namespace))
			if err != nil {
				return err
			}
			defer handle.Close()
			if err := unix.Setns(int(handle.Fd()), unix.CLONE_NEWNET); err != nil {
				return fmt.Errorf("setns: %w", err)
			}
			return do()
		}()
	}()
	if err := <-done; err != nil {
		f.t.Fatalf("in namespace %s: %v", namespace, err)
	}
}

// serve greets everyone who connects, until the test ends.
func (f *fabric) serve(namespace, address string) {
	f.t.Helper()
	f.inside(namespace, func() error {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		f.t.Cleanup(func() { listener.Close() })
		go func() {
			for {
				connection, err := listener.Accept()
				if err != nil {
					return
				}
				go func() {
					defer connection.Close()
					buffer := make([]byte, 1)
					for {
						if _, err := connection.Read(buffer); err != nil {
							return
						}
						connection.Write(buffer)
					}
				}()
			}
		}()
		return nil
	})
}

// connect returns nil if packets to address are dropped.
func (f *fabric) connect(namespace, address string) (connection net.Conn) {
	f.t.Helper()
	f.inside(namespace, func() (err error) {
		dialer := net.Dialer{Timeout: denied}
		connection, err = dialer.Dial("tcp", address)
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			return nil
		}
		return err
	})
	if connection != nil {
		f.t.Cleanup(func() { connection.Close() })
	}
	return connection
}

// receive opens a UDP socket and returns a function that waits for its first datagram.
func (f *fabric) receive(namespace, address string) func() string {
	f.t.Helper()
	var socket net.PacketConn
	f.inside(namespace, func() (err error) {
		socket, err = net.ListenPacket("udp", address)
		return err
	})
	f.t.Cleanup(func() { socket.Close() })
	return func() string {
		buffer := make([]byte, 64)
		if err := socket.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			f.t.Fatal(err)
		}
		n, _, err := socket.ReadFrom(buffer)
		if err != nil {
			f.t.Fatal(err)
		}
		return string(buffer[:n])
	}
}

func (f *fabric) send(namespace, from, to, text string) {
	f.t.Helper()
	f.inside(namespace, func() error {
		dialer := net.Dialer{LocalAddr: net.UDPAddrFromAddrPort(netip.MustParseAddrPort(from))}
		socket, err := dialer.Dial("udp", to)
		if err != nil {
			return err
		}
		defer socket.Close()
		_, err = socket.Write([]byte(text))
		return err
	})
}

func (f *fabric) expect(want bool, namespace, address string) {
	f.t.Helper()
	if got := f.connect(namespace, address) != nil; got != want {
		f.t.Errorf("%s -> %s connects = %v, want %v", namespace, address, got, want)
	}
}
