package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// listen accepts TCP connections on address and gives back what comes. When the other side has sent all, it says how much that was.
func listen(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			n, err := io.Copy(conn, conn)
			if err == nil {
				_, err = fmt.Fprintf(conn, "end of %d", n)
			}
			if err != nil {
				log.Print(err)
			}
		}()
	}
}

// web answers HTTP on address with what was asked.
func web(address string) error {
	server := &http.Server{Addr: address, ReadHeaderTimeout: readTimeout, Handler: http.HandlerFunc(answer)}
	return server.ListenAndServe()
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
