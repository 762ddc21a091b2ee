package pki

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func authority(t *testing.T) Authority {
	t.Helper()
	pair, err := NewAuthority("test-ca", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	made, err := ReadAuthority(pair)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestIssuedCertificateIsTrustedForItsNamesOnly(t *testing.T) {
	ca := authority(t)
	pair, err := ca.Issue(Subject{
		CommonName: "system:node:node1", Organization: "system:nodes", Names: []string{"node1"}, Addresses: []net.IP{net.IPv4(172, 30, 0, 2)},
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tls.X509KeyPair(pair.Certificate, pair.Key); err != nil {
		t.Errorf("certificate and key do not belong together: %v", err)
	}
	block, _ := pem.Decode(pair.Certificate)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if certificate.Subject.CommonName != "system:node:node1" || len(certificate.Subject.Organization) != 1 || certificate.Subject.Organization[0] != "system:nodes" {
		t.Errorf("subject %v", certificate.Subject)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.PEM)
	for host, trusted := range map[string]bool{"node1": true, "172.30.0.2": true, "node2": false, "172.30.0.3": false} {
		_, err := certificate.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
		if (err == nil) != trusted {
			t.Errorf("%s: %v", host, err)
		}
	}
	strangers := x509.NewCertPool()
	strangers.AppendCertsFromPEM(authority(t).PEM)
	if _, err := certificate.Verify(x509.VerifyOptions{Roots: strangers}); err == nil {
		t.Error("trusted by an authority that did not sign it")
	}
	if certificate.IsCA {
		t.Error("a component can sign certificates")
	}
}

func TestKeptPairStaysTheSameAndPrivate(t *testing.T) {
	dir := t.TempDir()
	first, err := Keep(dir, "service-account", NewTokenKey)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Keep(dir, "service-account", NewTokenKey)
	if err != nil || !bytes.Equal(first.Key, again.Key) || !bytes.Equal(first.Certificate, again.Certificate) {
		t.Errorf("another key the second time, %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, "service-account.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.Remove(filepath.Join(dir, "service-account.key")); err != nil {
		t.Fatal(err)
	}
	replaced, err := Keep(dir, "service-account", NewTokenKey)
	if err != nil || bytes.Equal(first.Certificate, replaced.Certificate) {
		t.Errorf("half a pair was kept, %v", err)
	}
}
