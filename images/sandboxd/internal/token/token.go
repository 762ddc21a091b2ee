// Package token decides who may ask what: one JWT a request (protocol §3), ES256, with the signer's certificate in x5c. Only the CA
// is known beforehand, so signing certificates rotate without touching a pod. Everything that is not exactly as expected is refused.
package token

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"
)

const (
	// maxBytes bounds a token; a signer's certificate takes about 1 KiB of it.
	maxBytes = 8 << 10
	// maxLife is the longest time between iat and exp.
	maxLife = 60 * time.Second
	// leeway is how far two clocks may differ.
	leeway = 30 * time.Second
	// maxSubject bounds the user name, which is kept with every process.
	maxSubject = 1024
)

// Claims of a good token.
type Claims struct {
	// Subject is the user's name as Kubernetes knows it.
	Subject   string
	Operation string
	// Own limits reading to processes that Subject started.
	Own bool
	// Role of the signer.
	Role Role
}

// Verifier checks tokens for one incarnation. Safe for use by several goroutines.
type Verifier struct {
	audience string
	signers  *signers
	now      func() time.Time
}

// NewVerifier trusts signers whose certificate chains to one of roots; tokens must name audience.
func NewVerifier(audience string, roots *x509.CertPool, now func() time.Time) *Verifier {
	return &Verifier{audience: audience, signers: newSigners(roots), now: now}
}

type header struct {
	Algorithm string          `json:"alg"`
	Type      string          `json:"typ"`
	Chain     []string        `json:"x5c"`
	Critical  json.RawMessage `json:"crit"`
}

type payload struct {
	Audience  audience `json:"aud"`
	Subject   string   `json:"sub"`
	Operation string   `json:"op"`
	Own       bool     `json:"own"`
	IssuedAt  *int64   `json:"iat"`
	Expires   *int64   `json:"exp"`
	NotBefore *int64   `json:"nbf"`
}

// audience is a string or a list of strings (RFC 7519 §4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, (*[]string)(a))
	}
	var one string
	if err := json.Unmarshal(text, &one); err != nil {
		return err
	}
	*a = audience{one}
	return nil
}

// Verify returns the claims of compact, the text after "Bearer ". Whether the operation fits the call is left to Claims.Permit.
// Errors are for the caller and for logs: they never hold the token.
func (v *Verifier) Verify(compact string) (Claims, error) {
	if len(compact) > maxBytes {
		return Claims{}, fmt.Errorf("token of %d bytes: at most %d", len(compact), maxBytes)
	}
	if strings.ContainsAny(compact, "\r\n") { // which Go's base64 would pass over
		return Claims{}, errors.New("token has a line break")
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return Claims{}, fmt.Errorf("token has %d parts: a signed JWT has 3", len(parts))
	}
	var head header
	if err := decode(parts[0], &head); err != nil {
		return Claims{}, fmt.Errorf("token header: %w", err)
	}
	switch {
	case head.Algorithm != "ES256":
		return Claims{}, fmt.Errorf("token has alg %.20q: expected ES256", head.Algorithm)
	case head.Critical != nil:
		return Claims{}, errors.New("token has crit extensions: none is understood")
	case len(head.Chain) != 1:
		return Claims{}, fmt.Errorf("token has %d certificates in x5c: expected the signer's alone", len(head.Chain))
	}
	now := v.now()
	signer, err := v.signers.find(head.Chain[0], now)
	if err != nil {
		return Claims{}, fmt.Errorf("token signer: %w", err)
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		return Claims{}, errors.New("token signature: expected 64 bytes, base64url")
	}
	if !verifyES256(signer.key, compact[:len(parts[0])+1+len(parts[1])], signature) {
		return Claims{}, errors.New("token signature does not match the certificate in x5c")
	}
	var body payload
	if err := decode(parts[1], &body); err != nil {
		return Claims{}, fmt.Errorf("token payload: %w", err)
	}
	if err := v.check(&body, now); err != nil {
		return Claims{}, err
	}
	return Claims{Subject: body.Subject, Operation: body.Operation, Own: body.Own, Role: signer.role}, nil
}

func (v *Verifier) check(body *payload, now time.Time) error {
	switch {
	case len(body.Audience) != 1 || body.Audience[0] != v.audience:
		return fmt.Errorf("token has audience %.100q: this is incarnation %s", []string(body.Audience), v.audience)
	case body.Subject == "" || len(body.Subject) > maxSubject:
		return fmt.Errorf("token has a subject of %d bytes: expected 1 to %d", len(body.Subject), maxSubject)
	case body.Operation == "":
		return errors.New("token has no op")
	case body.IssuedAt == nil || body.Expires == nil:
		return errors.New("token lacks iat or exp")
	}
	// In whole seconds and by differences: no value a signer can write overflows into the good range.
	issued, expires, seconds := *body.IssuedAt, *body.Expires, now.Unix()
	const life, slack = int64(maxLife / time.Second), int64(leeway / time.Second)
	const earliest, latest = int64(0), int64(1) << 40
	switch {
	case issued <= earliest || issued > latest || expires <= earliest || expires > latest:
		return fmt.Errorf("token has iat %d and exp %d: expected seconds since 1970", issued, expires)
	case expires <= issued || expires-issued > life:
		return fmt.Errorf("token lives %d s: expected 1 to %d", expires-issued, life)
	case seconds >= expires+slack:
		return fmt.Errorf("token expired %d s ago", seconds-expires)
	case issued > seconds+slack:
		return fmt.Errorf("token was issued %d s in the future: compare the clocks", issued-seconds)
	case body.NotBefore != nil && *body.NotBefore > seconds+slack:
		return fmt.Errorf("token is not valid before %d", *body.NotBefore)
	}
	return nil
}

// Permit says whether the token is for operation and its signer may use it: nil, or why not.
func (c Claims) Permit(operation string) error {
	if c.Operation != operation {
		return fmt.Errorf("token is for operation %.40q: this call needs %q", c.Operation, operation)
	}
	if !c.Role.may(operation) {
		return fmt.Errorf("signer %s may not use operation %q", c.Role, operation)
	}
	return nil
}

// decode reads one JSON object and nothing else from base64url text.
func decode(text string, into any) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return errors.New("is not base64url")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(into); err != nil {
		return errors.New("is not the JSON expected")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("has text after its JSON")
	}
	return nil
}

// verifyES256 checks signature, r and s of 32 bytes each (RFC 7518 §3.4).
func verifyES256(key *ecdsa.PublicKey, signed string, signature []byte) bool {
	if key.Curve != elliptic.P256() {
		return false
	}
	digest := sha256.Sum256([]byte(signed))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(key, digest[:], r, s)
}
