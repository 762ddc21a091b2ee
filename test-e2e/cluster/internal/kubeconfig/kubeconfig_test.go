package kubeconfig

import (
	"bytes"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"agenttier.io/test-e2e/cluster/internal/pki"
)

func TestKubeconfigHoldsAllThatAClientNeeds(t *testing.T) {
	data, err := Render("agenttier-x", "https://172.30.0.2:6443", []byte("authority"), "admin", pki.Pair{Certificate: []byte("certificate"), Key: []byte("key")})
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(data)
	if err != nil {
		t.Fatal(err)
	}
	if config.Host != "https://172.30.0.2:6443" || !bytes.Equal(config.CAData, []byte("authority")) ||
		!bytes.Equal(config.CertData, []byte("certificate")) || !bytes.Equal(config.KeyData, []byte("key")) {
		t.Errorf("got %s", data)
	}
}
