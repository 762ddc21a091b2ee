// Package pki issues the certificates of a cluster: two authorities and a service-account key that live as long as the cluster,
// and one short certificate for each component, new at every start.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	authorityLifetime = 10 * 365 * 24 * time.Hour
	leafLifetime      = 365 * 24 * time.Hour
	clockSkew         = time.Hour
)

// Subject says for whom a certificate is.
type Subject struct {
	CommonName   string
	Organization string // a group for kube-apiserver; may be empty
	Names        []string
	Addresses    []net.IP // with Names: what a server may be called; both empty for a client
}

// Pair is a certificate with its private key, both PEM.
type Pair struct{ Certificate, Key []byte }

// Authority signs certificates.
type Authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
	PEM         []byte
}

// NewAuthority makes an authority that signs itself, valid from shortly before now.
func NewAuthority(commonName string, now time.Time) (Pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: commonName},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(authorityLifetime),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	return sign(template, template, key, key)
}

// ReadAuthority makes a pair that NewAuthority returned ready to sign.
func ReadAuthority(pair Pair) (Authority, error) {
	block, _ := pem.Decode(pair.Certificate)
	keyBlock, _ := pem.Decode(pair.Key)
	if block == nil || keyBlock == nil {
		return Authority{}, errors.New("certificate authority: expected PEM")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return Authority{}, err
	}
	key, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		return Authority{}, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return Authority{}, fmt.Errorf("certificate authority: a key of type %T cannot sign", key)
	}
	return Authority{certificate: certificate, key: signer, PEM: pair.Certificate}, nil
}

// Issue makes a certificate with a key of its own, good for both ends of a connection.
func (a Authority) Issue(subject Subject, now time.Time) (Pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, err
	}
	name := pkix.Name{CommonName: subject.CommonName}
	if subject.Organization != "" {
		name.Organization = []string{subject.Organization}
	}
	template := &x509.Certificate{
		Subject:               name,
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(leafLifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              subject.Names,
		IPAddresses:           subject.Addresses,
	}
	return sign(template, a.certificate, key, a.key)
}

func sign(template, parent *x509.Certificate, key, parentKey crypto.Signer) (Pair, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return Pair{}, err
	}
	template.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	if err != nil {
		return Pair{}, fmt.Errorf("signing the certificate of %s: %w", template.Subject.CommonName, err)
	}
	encodedKey, err := privatePEM(key)
	if err != nil {
		return Pair{}, err
	}
	return Pair{Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), Key: encodedKey}, nil
}

// NewTokenKey makes the RSA key that signs service-account tokens; Certificate holds its public half.
func NewTokenKey() (Pair, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return Pair{}, err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return Pair{}, err
	}
	private, err := privatePEM(key)
	if err != nil {
		return Pair{}, err
	}
	return Pair{Certificate: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), Key: private}, nil
}

func privatePEM(key crypto.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// Keep returns the pair stored as name.crt and name.key in dir, or makes and stores one. A half that is missing makes both new.
func Keep(dir, name string, create func() (Pair, error)) (Pair, error) {
	certificate, err := os.ReadFile(filepath.Join(dir, name+".crt"))
	if err == nil {
		var key []byte
		if key, err = os.ReadFile(filepath.Join(dir, name+".key")); err == nil {
			return Pair{certificate, key}, nil
		}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return Pair{}, err
	}
	pair, err := create()
	if err != nil {
		return Pair{}, err
	}
	return pair, Write(dir, name, pair)
}

// Write stores a pair as name.crt and name.key; only the owner may read them.
func Write(dir, name string, pair Pair) error {
	if err := os.WriteFile(filepath.Join(dir, name+".crt"), pair.Certificate, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+".key"), pair.Key, 0o600)
}
