// Package kubeconfig writes kubeconfig files that hold all they need.
package kubeconfig

import (
	"fmt"
	"os"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"agenttier.io/test-e2e/cluster/internal/pki"
)

// Render returns a kubeconfig with one context, named like the cluster.
// server is a URL such as https://172.30.0.2:6443, authority the PEM of the CA that its certificate comes from.
func Render(cluster, server string, authority []byte, user string, pair pki.Pair) ([]byte, error) {
	config := api.NewConfig()
	config.Clusters[cluster] = &api.Cluster{Server: server, CertificateAuthorityData: authority}
	config.AuthInfos[user] = &api.AuthInfo{ClientCertificateData: pair.Certificate, ClientKeyData: pair.Key}
	config.Contexts[cluster] = &api.Context{Cluster: cluster, AuthInfo: user}
	config.CurrentContext = cluster
	return clientcmd.Write(*config)
}

// Write renders a kubeconfig into a file that only its owner may read.
func Write(path, cluster, server string, authority []byte, user string, pair pki.Pair) error {
	data, err := Render(cluster, server, authority, user, pair)
	if err != nil {
		return fmt.Errorf("rendering the kubeconfig of %s: %w", user, err)
	}
	return os.WriteFile(path, data, 0o600)
}
