package render

import "agenttier.io/test-e2e/cluster/internal/supervisor"

const etcdURL = "http://127.0.0.1:2379"

// controlPlane runs on node 1.
func (c Cluster) controlPlane() []supervisor.Spec {
	kube := func(program string, args ...string) []string {
		return append([]string{c.Binaries.Path("kubernetes", program)}, args...)
	}
	loopback := func(credential string) []string {
		kubeconfig := c.ComponentKubeconfig(credential)
		return []string{
			"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
			"--bind-address=127.0.0.1", "--leader-elect=false", "--profiling=false", "--kube-api-qps=100", "--kube-api-burst=200",
		}
	}
	return []supervisor.Spec{
		{
			Name: "etcd", Log: c.Log("etcd"),
			// The data are worth no more than the test: what a crash of the host loses is made anew.
			Argv: []string{c.Binaries.Path("etcd", "etcd"), "--unsafe-no-fsync", "--log-level=warn", "--data-dir=" + c.Node(1) + "/etcd",
				"--listen-client-urls=" + etcdURL, "--advertise-client-urls=" + etcdURL, "--listen-peer-urls=http://127.0.0.1:2380"},
			Probe: supervisor.Probe{URL: etcdURL + "/health"},
		},
		{
			Name: "kube-apiserver", Log: c.Log("kube-apiserver"), After: []string{"etcd"},
			Argv:  kube("kube-apiserver", c.apiserver()...),
			Probe: supervisor.Probe{URL: "https://127.0.0.1:6443/readyz"},
		},
		{
			Name: "kube-controller-manager", Log: c.Log("kube-controller-manager"), After: []string{"kube-apiserver"},
			Argv: kube("kube-controller-manager", append(loopback("kube-controller-manager"), "--use-service-account-credentials",
				"--service-account-private-key-file="+c.credential("service-account.key"), "--root-ca-file="+c.credential("ca.crt"),
				"--cluster-signing-cert-file="+c.credential("ca.crt"), "--cluster-signing-key-file="+c.credential("ca.key"),
				"--flex-volume-plugin-dir="+c.Node(1)+"/volume-plugins")...),
			Probe: supervisor.Probe{URL: "https://127.0.0.1:10257/healthz"},
		},
		{
			Name: "kube-scheduler", Log: c.Log("kube-scheduler"), After: []string{"kube-apiserver"},
			Argv:  kube("kube-scheduler", loopback("kube-scheduler")...),
			Probe: supervisor.Probe{URL: "https://127.0.0.1:10259/healthz"},
		},
	}
}

func (c Cluster) apiserver() []string {
	return []string{
		"--etcd-servers=" + etcdURL,
		"--bind-address=0.0.0.0", "--secure-port=6443", "--advertise-address=" + c.Networks.NodeIP(1).String(),
		"--service-cluster-ip-range=" + c.Networks.Services().String(),
		"--tls-cert-file=" + c.credential("kube-apiserver.crt"), "--tls-private-key-file=" + c.credential("kube-apiserver.key"),
		"--client-ca-file=" + c.credential("ca.crt"),
		"--kubelet-client-certificate=" + c.credential("kubelet-client.crt"), "--kubelet-client-key=" + c.credential("kubelet-client.key"),
		"--kubelet-certificate-authority=" + c.credential("ca.crt"), "--kubelet-preferred-address-types=InternalIP",
		"--service-account-key-file=" + c.credential("service-account.crt"), "--service-account-signing-key-file=" + c.credential("service-account.key"),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--requestheader-client-ca-file=" + c.credential("front-proxy-ca.crt"), "--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User", "--requestheader-uid-headers=X-Remote-Uid",
		"--requestheader-group-headers=X-Remote-Group", "--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + c.credential("front-proxy-client.crt"), "--proxy-client-key-file=" + c.credential("front-proxy-client.key"),
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		// hostPath and privileged pods are for Pod Security to refuse, namespace by namespace.
		"--allow-privileged=true",
		"--audit-policy-file=" + c.Dir + "/audit-policy.yaml", "--audit-log-path=" + c.AuditLog(),
		"--profiling=false",
	}
}
