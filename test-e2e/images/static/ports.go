package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"strconv"
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

// say accepts TCP connections on address, waits for the first bytes of each, says text and closes. Text may hold escapes such as \r.
func say(address, text string) error {
	bytes, err := strconv.Unquote(`"` + text + `"`)
	if err != nil {
		return fmt.Errorf("text %q: %w", text, err)
	}
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
			_, err := conn.Read(make([]byte, 4096))
			if err == nil {
				_, err = io.WriteString(conn, bytes)
			}
			if err != nil {
				log.Print(err)
			}
		}()
	}
}
