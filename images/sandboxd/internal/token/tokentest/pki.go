// Package tokentest makes certificates and tokens for tests, good ones and every kind of bad one.
package tokentest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/url"
	"time"
)

// CA signs certificates.
type CA struct {
	Certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// Identity is a certificate with its key.
type Identity struct {
	DER []byte
	Key *ecdsa.PrivateKey
}

// NewCA makes a CA that is valid for hours around now.
func NewCA(now time.Time) *CA {
	key := newKey()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return &CA{Certificate: must(x509.ParseCertificate(der)), key: key}
}

// Pool holds the CA alone.
func (c *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.Certificate)
	return pool
}

// PEM of the CA's certificate.
func (c *CA) PEM() []byte { return certificatePEM(c.Certificate.Raw) }

// Issue signs a certificate; change may alter the template, which is that of a good signer with URI name uri.
func (c *CA) Issue(uri string, change func(*x509.Certificate)) *Identity {
	key := newKey()
	template := c.template(uri)
	if change != nil {
		change(template)
	}
	return &Identity{DER: must(x509.CreateCertificate(rand.Reader, template, c.Certificate, key.Public(), c.key)), Key: key}
}

// SelfSigned makes a certificate that looks like a signer's but is signed by itself.
func (c *CA) SelfSigned(uri string) *Identity {
	key := newKey()
	template := c.template(uri)
	return &Identity{DER: must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)), Key: key}
}

func (c *CA) template(uri string) *x509.Certificate {
	template := &x509.Certificate{
		SerialNumber: must(rand.Int(rand.Reader, big.NewInt(1<<62))), Subject: pkix.Name{CommonName: "signer"},
		NotBefore: c.Certificate.NotBefore, NotAfter: c.Certificate.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if uri != "" {
		template.URIs = []*url.URL{must(url.Parse(uri))}
	}
	return template
}

// Server issues the certificate of an incarnation's TLS server.
func (c *CA) Server(incarnation string) *Identity {
	return c.Issue("", func(t *x509.Certificate) {
		t.Subject.CommonName = incarnation
		t.DNSNames = []string{incarnation + ".sandbox.agenttier.io"}
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
}

// PEM of certificate and key (PKCS#8).
func (i *Identity) PEM() (certificate, key []byte) {
	return certificatePEM(i.DER), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(i.Key))})
}

// Sign makes a JWT of claims; header values override alg and x5c.
func (i *Identity) Sign(claims, header map[string]any) string {
	head := map[string]any{"alg": "ES256", "typ": "JWT", "x5c": []string{base64.StdEncoding.EncodeToString(i.DER)}}
	for name, value := range header {
		head[name] = value
	}
	signed := Part(head) + "." + Part(claims)
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, i.Key, digest[:])
	if err != nil {
		panic(err)
	}
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// Claims of a good token.
func Claims(audience, subject, operation string, now time.Time) map[string]any {
	return map[string]any{"aud": audience, "sub": subject, "op": operation, "iat": now.Unix(), "exp": now.Unix() + 60}
}

// Part encodes one part of a JWT.
func Part(value any) string { return base64.RawURLEncoding.EncodeToString(must(json.Marshal(value))) }

func certificatePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func newKey() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
