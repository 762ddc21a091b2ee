package supervisor

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const probeTimeout = 3 * time.Second

// Each probe is a connection of its own: one kept open would hide that a process no longer accepts.
var probeClient = &http.Client{
	Timeout: probeTimeout,
	Transport: &http.Transport{
		DisableKeepAlives: true,
		// The certificates of the scheduler and the controller manager are made up by these processes at their start,
		// and a probe sends nothing that another could use.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	},
}

// Check asks once; nil means that the process works.
func (p Probe) Check(ctx context.Context) error {
	switch {
	case p.URL != "":
		return checkURL(ctx, p.URL)
	case p.Socket != "":
		dialer := net.Dialer{Timeout: probeTimeout}
		connection, err := dialer.DialContext(ctx, "unix", p.Socket)
		if err != nil {
			return err
		}
		return connection.Close()
	default:
		return nil
	}
}

func checkURL(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := probeClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(answer.Body, 512))
		return fmt.Errorf("GET %s: %s: %s", url, answer.Status, body)
	}
	return nil
}
