package token

import (
	"container/list"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Role of a signer, from the one URI SAN of its certificate.
type Role string

const (
	APIServer  Role = "agenttier://signer/apiserver"
	Controller Role = "agenttier://signer/controller"
)

// controllerOperations is all that the controller's signer may ask for; the apiserver may ask everything.
var controllerOperations = []string{"seed", "hook", "report", "notice"}

func (r Role) may(operation string) bool {
	switch r {
	case APIServer:
		return true
	case Controller:
		return slices.Contains(controllerOperations, operation)
	}
	return false
}

// maxSigners bounds the cache. There are as many good certificates as replicas and rotations within a pod's life: few at a time.
const maxSigners = 16

type signer struct {
	role                Role
	key                 *ecdsa.PublicKey
	notBefore, notAfter time.Time
}

// signers remembers certificates that were found good, by their hash, the least recently used one going first. Bad ones are not
// remembered: they could push out the good.
type signers struct {
	roots *x509.CertPool

	mu     sync.Mutex
	byHash map[[sha256.Size]byte]*list.Element
	recent *list.List
}

type cached struct {
	hash   [sha256.Size]byte
	signer *signer
}

func newSigners(roots *x509.CertPool) *signers {
	return &signers{roots: roots, byHash: map[[sha256.Size]byte]*list.Element{}, recent: list.New()}
}

// find returns the signer of certificate (DER, standard base64) if it is good at time now.
func (s *signers) find(certificate string, now time.Time) (*signer, error) {
	der, err := base64.StdEncoding.Strict().DecodeString(certificate)
	if err != nil || strings.ContainsAny(certificate, "\r\n") {
		return nil, errors.New("x5c is not base64")
	}
	hash := sha256.Sum256(der)
	if known := s.cached(hash); known != nil {
		if now.Before(known.notBefore) || now.After(known.notAfter) {
			return nil, fmt.Errorf("certificate is valid from %s to %s only", stamp(known.notBefore), stamp(known.notAfter))
		}
		return known, nil
	}
	found, err := verifySigner(der, s.roots, now)
	if err != nil {
		return nil, err
	}
	s.remember(hash, found)
	return found, nil
}

func (s *signers) cached(hash [sha256.Size]byte) *signer {
	s.mu.Lock()
	defer s.mu.Unlock()
	element, ok := s.byHash[hash]
	if !ok {
		return nil
	}
	s.recent.MoveToFront(element)
	return element.Value.(cached).signer
}

func (s *signers) remember(hash [sha256.Size]byte, found *signer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.byHash[hash]; ok {
		return
	}
	s.byHash[hash] = s.recent.PushFront(cached{hash, found})
	if s.recent.Len() > maxSigners {
		oldest := s.recent.Back()
		delete(s.byHash, s.recent.Remove(oldest).(cached).hash)
	}
}

// verifySigner checks chain, time, usage and name of one certificate. x509.Verify takes a certificate without any extended key
// usage, or with anyExtendedKeyUsage, for one of every usage: here clientAuth has to be named.
func verifySigner(der []byte, roots *x509.CertPool, now time.Time) (*signer, error) {
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, errors.New("x5c is no certificate")
	}
	options := x509.VerifyOptions{Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if _, err := certificate.Verify(options); err != nil {
		return nil, fmt.Errorf("certificate does not chain to the CA of this sandbox: %w", err)
	}
	key, isECDSA := certificate.PublicKey.(*ecdsa.PublicKey)
	switch {
	case certificate.IsCA:
		return nil, errors.New("certificate is one of a CA")
	case !slices.Contains(certificate.ExtKeyUsage, x509.ExtKeyUsageClientAuth):
		return nil, errors.New("certificate lacks the extended key usage clientAuth")
	case len(certificate.URIs) != 1:
		return nil, fmt.Errorf("certificate has %d URI names: expected 1", len(certificate.URIs))
	case !isECDSA || key.Curve != elliptic.P256():
		return nil, errors.New("certificate has no P-256 key")
	}
	role := Role(certificate.URIs[0].String())
	if role != APIServer && role != Controller {
		return nil, fmt.Errorf("certificate has URI name %.80q: expected %s or %s", role, APIServer, Controller)
	}
	return &signer{role: role, key: key, notBefore: certificate.NotBefore, notAfter: certificate.NotAfter}, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
