package main

import (
	"crypto/tls"
	"encoding/json"
	"log"
	"net/http"
	"time"
)

// backend serves the least that an APIService can have behind it, so that what is measured is kube-apiserver's hop alone. cert and key are
// files in PEM form.
func backend(cert, key, port string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /apis/bench.agenttier.io/v1", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(map[string]any{
			"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "bench.agenttier.io/v1", "resources": []any{},
		}); err != nil {
			log.Print(err)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := &http.Server{
		Addr: ":" + port, Handler: mux, ReadHeaderTimeout: 10 * time.Second,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13},
	}
	return server.ListenAndServeTLS(cert, key)
}
