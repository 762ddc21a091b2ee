package node

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// arrange gives the node its name and its view of the file system.
func arrange(spec Spec) error {
	if err := unix.Sethostname([]byte(spec.Name)); err != nil {
		return fmt.Errorf("setting the host name %s: %w", spec.Name, err)
	}
	for _, mount := range mounts(spec) {
		if err := os.MkdirAll(mount.target, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(mount.source, mount.target, mount.kind, mount.flags, mount.data); err != nil {
			return fmt.Errorf("mounting %s: %w", mount.target, err)
		}
	}
	for _, folder := range []string{"/run/netns", "/run/lock", "/run/containerd"} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644)
}

type mount struct {
	source, target, kind, data string
	flags                      uintptr
}

// mounts are made in this order. Slave first: what the host unmounts goes away here too, and nothing made here reaches the host.
// Shared then: volumes with mount propagation need it. /run and /var/log are the node's own; two kubelets that share
// /var/log/pods delete each other's logs. /var/lib is a folder of the node: the kubelet and the CNI library write there whatever they are told,
// and the sockets in /var/lib/kubelet must fit into 107 bytes.
func mounts(spec Spec) []mount {
	return []mount{
		{target: "/", flags: unix.MS_REC | unix.MS_SLAVE},
		{target: "/", flags: unix.MS_REC | unix.MS_SHARED},
		{source: "proc", target: "/proc", kind: "proc", flags: unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC},
		{source: "tmpfs", target: "/run", kind: "tmpfs", data: "mode=755,size=25%", flags: unix.MS_NOSUID | unix.MS_NODEV},
		{source: "tmpfs", target: "/var/log", kind: "tmpfs", data: "mode=755,size=25%", flags: unix.MS_NOSUID | unix.MS_NODEV},
		{source: spec.LibDir, target: "/var/lib", flags: unix.MS_BIND},
	}
}
