package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"time"
)

// web answers HTTP on address: with what was asked, and below some paths with what only programs made for it say.
func web(address string) error {
	server := &http.Server{Addr: address, ReadHeaderTimeout: readTimeout, Handler: pages()}
	return server.ListenAndServe()
}

func pages() http.Handler {
	mux := http.NewServeMux()
	released := make(chan struct{}, 64)
	mux.HandleFunc("/", answer)
	mux.HandleFunc("POST /release", func(http.ResponseWriter, *http.Request) { released <- struct{}{} })
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) { events(w, r, released) })
	mux.HandleFunc("GET /echo", echo)
	mux.HandleFunc("GET /trailers", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		fmt.Fprintln(w, "body")
		w.Header().Set("X-Sum", "7")
	})
	mux.HandleFunc("POST /refuses", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "too much", http.StatusRequestEntityTooLarge)
	})
	mux.HandleFunc("GET /redirects", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) })
	mux.HandleFunc("GET /html", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Set-Cookie", "session=1")
		fmt.Fprintln(w, `<a href="/root">root</a> <a href="near">near</a>`)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// a mux would redirect from paths that are not clean
		if strings.HasPrefix(r.URL.Path, "/asked") {
			asked(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	n, err := io.Copy(io.Discard, r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	log.Printf("%s %s with %d bytes in %s", r.Method, r.URL.Path, n, time.Since(started))
	fmt.Fprintf(w, "%s %s with %d bytes\n", r.Method, r.URL.Path, n)
}

// events sends one event at once, and the next one when it is released.
func events(w http.ResponseWriter, r *http.Request, released <-chan struct{}) {
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, "data: first\n\n")
	if err := http.NewResponseController(w).Flush(); err != nil {
		log.Print(err)
		return
	}
	select {
	case <-released:
		fmt.Fprint(w, "data: second\n\n")
	case <-r.Context().Done():
	}
}

// asked tells how a request arrived.
func asked(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(map[string]any{"method": r.Method, "target": r.RequestURI, "host": r.Host, "headers": r.Header}); err != nil {
		log.Print(err)
	}
}
