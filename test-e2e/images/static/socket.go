package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net/http"
)

const (
	socketSalt   = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" // RFC 6455 §1.3
	closeFrame   = 0x8
	masked       = 0x80
	longestShort = 125
	medium       = 126
)

// echo speaks WebSocket with sub-protocol "echo" and sends each frame back, until one that closes.
func echo(w http.ResponseWriter, r *http.Request) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Close()
	accept := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + socketSalt))
	fmt.Fprintf(buffered, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Protocol: echo\r\nSec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(accept[:]))
	for closed := false; err == nil && !closed; {
		if err = buffered.Flush(); err == nil {
			closed, err = echoFrame(buffered)
		}
	}
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		log.Print(err)
	}
}

// echoFrame sends one frame of a client's back, without its mask.
func echoFrame(socket *bufio.ReadWriter) (closed bool, err error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(socket, head); err != nil {
		return false, err
	}
	length := int(head[1] &^ masked)
	if length > medium {
		return false, fmt.Errorf("a frame with a length of 64 bits: expected at most 16")
	}
	wide := make([]byte, 2)
	if length == medium {
		if _, err := io.ReadFull(socket, wide); err != nil {
			return false, err
		}
		length = int(binary.BigEndian.Uint16(wide))
	}
	mask, payload := make([]byte, 4), make([]byte, length)
	if _, err := io.ReadFull(socket, mask); err != nil {
		return false, err
	}
	if _, err := io.ReadFull(socket, payload); err != nil {
		return false, err
	}
	for i := range payload {
		payload[i] ^= mask[i%len(mask)]
	}
	answer := []byte{head[0], byte(min(length, medium))}
	if length > longestShort {
		answer = append(answer[:1], medium, wide[0], wide[1])
	}
	_, err = socket.Write(append(answer, payload...))
	return head[0]&0xf == closeFrame, err
}
