package server

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"agenttier.io/images/sandboxd/internal/frames"
)

// BenchmarkExecOfTrue is one exec over a kept connection: request, token, fork, exec, output, record.
func BenchmarkExecOfTrue(b *testing.B) {
	f := serve(b, 1<<20)
	jwt := f.token("alice", "exec", nil)
	for b.Loop() {
		request, err := http.NewRequest("POST", f.url+"/v1/processes?watch=true", strings.NewReader(`{"class":"exec","argv":["true"]}`))
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+jwt)
		response, err := f.client.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := frames.Read(response.Body); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
		response.Body.Close()
	}
}
