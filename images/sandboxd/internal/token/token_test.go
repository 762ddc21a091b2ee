package token_test

import (
	"crypto/x509"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"agenttier.io/images/sandboxd/internal/token"
	"agenttier.io/images/sandboxd/internal/token/tokentest"
)

const incarnation = "0a1b2c3d"

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

type fixture struct {
	ca       *tokentest.CA
	verifier *token.Verifier
	signer   *tokentest.Identity
}

func newFixture() fixture {
	ca := tokentest.NewCA(now)
	return fixture{ca, token.NewVerifier(incarnation, ca.Pool(), func() time.Time { return now }), ca.Issue(string(token.APIServer), nil)}
}

func claims(change map[string]any) map[string]any {
	c := tokentest.Claims(incarnation, "alice", "exec", now)
	for name, value := range change {
		if value == nil {
			delete(c, name)
		} else {
			c[name] = value
		}
	}
	return c
}

func TestGoodTokenGivesItsClaims(t *testing.T) {
	f := newFixture()
	got, err := f.verifier.Verify(f.signer.Sign(claims(map[string]any{"own": true}), nil))
	if err != nil {
		t.Fatal(err)
	}
	if want := (token.Claims{Subject: "alice", Operation: "exec", Own: true, Role: token.APIServer}); got != want {
		t.Errorf("claims %+v, expected %+v", got, want)
	}
	if err := got.Permit("exec"); err != nil {
		t.Error(err)
	}
	if err := got.Permit("files.write"); err == nil || !strings.Contains(err.Error(), `"files.write"`) {
		t.Errorf("another operation: %v", err)
	}
	if _, err := f.verifier.Verify(f.signer.Sign(claims(map[string]any{"aud": []string{incarnation}}), nil)); err != nil {
		t.Errorf("audience as a list of one: %v", err)
	}
}

func TestClaimsOutOfBoundsAreRefused(t *testing.T) {
	f := newFixture()
	second := now.Unix()
	for name, change := range map[string]map[string]any{
		"other audience":      {"aud": "ffffffff"},
		"two audiences":       {"aud": []string{incarnation, "ffffffff"}},
		"no audience":         {"aud": nil},
		"no subject":          {"sub": nil},
		"long subject":        {"sub": strings.Repeat("x", 2000)},
		"no operation":        {"op": nil},
		"no iat":              {"iat": nil},
		"no exp":              {"exp": nil},
		"expired":             {"iat": second - 90, "exp": second - 30},
		"issued later":        {"iat": second + 31, "exp": second + 60},
		"lives too long":      {"exp": second + 61},
		"ends before it is":   {"iat": second, "exp": second - 1},
		"exp overflows":       {"iat": -9223372036854775807, "exp": 9223372036854775807},
		"exp as text":         {"exp": "soon"},
		"exp as fraction":     {"exp": float64(second) + 0.5},
		"not before tomorrow": {"nbf": second + 86400},
		"own as text":         {"own": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := f.verifier.Verify(f.signer.Sign(claims(change), nil)); err == nil {
				t.Errorf("accepted: %+v", got)
			}
		})
	}
}

func TestClocksMayDifferByHalfAMinute(t *testing.T) {
	f := newFixture()
	for name, change := range map[string]map[string]any{
		"expired 29 s ago":   {"iat": now.Unix() - 89, "exp": now.Unix() - 29},
		"issued in 30 s":     {"iat": now.Unix() + 30, "exp": now.Unix() + 90},
		"lives for 1 second": {"exp": now.Unix() + 1},
	} {
		if _, err := f.verifier.Verify(f.signer.Sign(claims(change), nil)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignersThatAreNotOnesAreRefused(t *testing.T) {
	f := newFixture()
	uri := string(token.APIServer)
	other, _ := url.Parse("agenttier://signer/controller")
	for name, signer := range map[string]*tokentest.Identity{
		"self-signed":          f.ca.SelfSigned(uri),
		"of another CA":        tokentest.NewCA(now).Issue(uri, nil),
		"the server's own":     f.ca.Server(incarnation),
		"server with the name": f.ca.Issue(uri, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }),
		"any usage":            f.ca.Issue(uri, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }),
		"no usage":             f.ca.Issue(uri, func(c *x509.Certificate) { c.ExtKeyUsage = nil }),
		"two URI names":        f.ca.Issue(uri, func(c *x509.Certificate) { c.URIs = append(c.URIs, other) }),
		"no URI name":          f.ca.Issue("", nil),
		"other URI name":       f.ca.Issue("agenttier://signer/apiserver/x", nil),
		"a CA":                 f.ca.Issue(uri, func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }),
		"expired":              f.ca.Issue(uri, func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Second) }),
		"not yet valid":        f.ca.Issue(uri, func(c *x509.Certificate) { c.NotBefore = now.Add(time.Second) }),
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := f.verifier.Verify(signer.Sign(claims(nil), nil)); err == nil {
				t.Errorf("accepted: %+v", got)
			}
		})
	}
}

func TestHostileHeadersAreRefused(t *testing.T) {
	f := newFixture()
	own := base64.StdEncoding.EncodeToString(f.signer.DER)
	stranger := f.ca.SelfSigned(string(token.APIServer))
	for name, header := range map[string]map[string]any{
		"alg none":            {"alg": "none"},
		"alg HS256":           {"alg": "HS256"},
		"alg es256":           {"alg": "es256"},
		"crit":                {"crit": []string{"exp"}},
		"no x5c":              {"x5c": []string{}},
		"two certificates":    {"x5c": []string{own, own}},
		"x5c of a stranger":   {"x5c": []string{base64.StdEncoding.EncodeToString(stranger.DER)}},
		"x5c no base64":       {"x5c": []string{"%%%"}},
		"x5c no certificate":  {"x5c": []string{"AAAA"}},
		"x5c with line break": {"x5c": []string{own[:64] + "\n" + own[64:]}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := f.verifier.Verify(f.signer.Sign(claims(nil), header)); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestAlteredTokensAreRefused(t *testing.T) {
	f := newFixture()
	good := f.signer.Sign(claims(nil), nil)
	parts := strings.Split(good, ".")
	forged := tokentest.Part(claims(map[string]any{"sub": "root"}))
	for name, text := range map[string]string{
		"empty":             "",
		"no signature":      parts[0] + "." + parts[1] + ".",
		"two parts":         parts[0] + "." + parts[1],
		"four parts":        good + ".x",
		"other payload":     parts[0] + "." + forged + "." + parts[2],
		"other signature":   parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(make([]byte, 64)),
		"padded":            good + "=",
		"trailing bits":     good[:len(good)-1] + "_",
		"header with text":  base64.RawURLEncoding.EncodeToString([]byte("{}{}")) + "." + parts[1] + "." + parts[2],
		"longer than ever":  good + strings.Repeat("A", 9000),
		"line break inside": parts[0] + ".\n" + parts[1] + "." + parts[2],
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := f.verifier.Verify(text); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestControllerMayNotRunCommands(t *testing.T) {
	f := newFixture()
	controller := f.ca.Issue(string(token.Controller), nil)
	for operation, allowed := range map[string]bool{
		"exec": false, "log": false, "processes": false, "signal": false, "files.read": false, "files.write": false, "report": true, "hook": true,
	} {
		got, err := f.verifier.Verify(controller.Sign(claims(map[string]any{"op": operation}), nil))
		if err != nil {
			t.Fatal(err)
		}
		if err := got.Permit(operation); (err == nil) != allowed {
			t.Errorf("%s: %v", operation, err)
		}
	}
}

func TestKnownSignerIsRefusedOnceItsTimeIsOver(t *testing.T) {
	ca := tokentest.NewCA(now)
	at := now
	verifier := token.NewVerifier(incarnation, ca.Pool(), func() time.Time { return at })
	signer := ca.Issue(string(token.APIServer), func(c *x509.Certificate) { c.NotAfter = now.Add(time.Minute) })
	if _, err := verifier.Verify(signer.Sign(claims(nil), nil)); err != nil {
		t.Fatal(err)
	}
	at = now.Add(2 * time.Minute)
	if _, err := verifier.Verify(signer.Sign(tokentest.Claims(incarnation, "alice", "exec", at), nil)); err == nil {
		t.Error("accepted from memory after the certificate's end")
	}
}

func TestManySignersTakeTurns(t *testing.T) {
	f := newFixture()
	var signers []*tokentest.Identity
	for range 40 {
		signers = append(signers, f.ca.Issue(string(token.APIServer), nil))
	}
	for range 2 {
		for _, signer := range signers {
			if _, err := f.verifier.Verify(signer.Sign(claims(nil), nil)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func FuzzVerifyNeverAcceptsWhatWasNotSigned(f *testing.F) {
	x := newFixture()
	good := x.signer.Sign(claims(nil), nil)
	f.Add(good)
	f.Add("a.b.c")
	f.Add(strings.ToUpper(good))
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := x.verifier.Verify(text); err == nil && text != good {
			t.Errorf("accepted %q: %+v", text, got)
		}
	})
}
