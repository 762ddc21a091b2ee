package main

import (
	"fmt"
	"net"
	"time"
)

const (
	pause       = 100 * time.Millisecond
	maxDatagram = 1500
)

// receive prints "SENDER TEXT" for each datagram.
func receive(port string) error {
	socket, err := net.ListenPacket("udp4", ":"+port)
	if err != nil {
		return err
	}
	defer socket.Close()
	buffer := make([]byte, maxDatagram)
	for {
		n, from, err := socket.ReadFrom(buffer)
		if err != nil {
			return err
		}
		host, _, err := net.SplitHostPort(from.String())
		if err != nil {
			return err
		}
		fmt.Println(host, string(buffer[:n]))
	}
}

// send never waits for an answer: with a borrowed address, none comes. It prints the number of each datagram that the kernel took.
func send(from, to, text string) error {
	local, err := net.ResolveUDPAddr("udp4", net.JoinHostPort(from, "0"))
	if err != nil {
		return err
	}
	socket, err := net.ListenUDP("udp4", local)
	if err != nil {
		return err
	}
	defer socket.Close()
	remote, err := net.ResolveUDPAddr("udp4", to)
	if err != nil {
		return err
	}
	for sent := 1; ; sent++ {
		if _, err := socket.WriteTo([]byte(text), remote); err != nil {
			return err
		}
		fmt.Println("sent", sent)
		time.Sleep(pause)
	}
}
