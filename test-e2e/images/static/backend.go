package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"strconv"
	"time"
)

const (
	readTimeout = 10 * time.Second
	pieceBytes  = 64 << 10
)

// backend serves the least that an APIService can have behind it, so that what is measured is kube-apiserver's hop alone: see nothing, and
// the one question of discovery that decides whether the APIService is available.
func backend(port string) error {
	certificate, err := selfSigned(time.Now())
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /apis/{group}/{version}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(map[string]any{
			"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": r.PathValue("group") + "/" + r.PathValue("version"), "resources": []any{},
		}); err != nil {
			log.Print(err)
		}
	})
	mux.HandleFunc("/", nothing)
	server := &http.Server{
		Addr: ":" + port, Handler: mux, ReadHeaderTimeout: readTimeout,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{certificate}},
	}
	return server.ListenAndServeTLS("", "")
}

// nothing takes any body and answers 204, or, if ?bytes=N asks for them, 200 with N bytes of zero.
func nothing(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		log.Print(err)
		return
	}
	asked := r.URL.Query().Get("bytes")
	if asked == "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	left, err := strconv.ParseInt(asked, 10, 64)
	if err != nil || left < 0 {
		http.Error(w, fmt.Sprintf("bytes is %q; expected a number of bytes", asked), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", asked)
	piece := make([]byte, pieceBytes)
	for left > 0 {
		n, err := w.Write(piece[:min(left, pieceBytes)])
		if err != nil {
			log.Print(err)
			return
		}
		left -= int64(n)
	}
}

// selfSigned is a certificate that nobody trusts: the APIService says insecureSkipTLSVerify.
func selfSigned(now time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
