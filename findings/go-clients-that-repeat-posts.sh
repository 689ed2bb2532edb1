#!/usr/bin/env bash
# Guess: an HTTP client that retries repeats GET, and a POST only when it did not reach the server, as net/http and urllib3 do.
# Behaviour: hashicorp/go-retryablehttp repeats every method by default: on a status of 500 or more, and when the connection ended after the server had read the
# request. resty v2 with SetRetryCount repeats a POST in the latter case, not on a status. Neither writes a warning that the request may have been carried out.
# Why it matters to us: webhooks and deploy tools in Go (most of HashiCorp's) send with it. A proxy that cuts requests in flight, or says 502 of a request that was
# written, makes doubles of issues and comments at the moment of the switch. Our proxy holds new writes, and the freeze waits for those in flight. Needs Go.
set -euo pipefail
command -v go >/dev/null || { echo "needs Go"; exit 2; }
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"; export GOFLAGS=-modcacherw; go mod init look 2>/dev/null
go get github.com/hashicorp/go-retryablehttp@v0.7.8 github.com/go-resty/resty/v2@v2.17.2 2>get || { cat get; echo "the modules could not be installed"; exit 2; }
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
	"github.com/hashicorp/go-retryablehttp"
)

func main() {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		requests.Add(1)
		if r.URL.Path == "/502" {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		connection, _, _ := w.(http.Hijacker).Hijack()
		connection.Close()
	}))
	defer server.Close()
	retryable := retryablehttp.NewClient()
	retryable.Logger, retryable.RetryMax, retryable.RetryWaitMin, retryable.RetryWaitMax = nil, 2, time.Millisecond, time.Millisecond
	rested := resty.New().SetRetryCount(2).SetRetryWaitTime(time.Millisecond)
	clients := []struct {
		name string
		post func(string) error
	}{
		{"net/http", func(url string) error { _, err := http.Post(url, "text/plain", strings.NewReader("x")); return err }},
		{"go-retryablehttp", func(url string) error { _, err := retryable.Post(url, "text/plain", []byte("x")); return err }},
		{"resty", func(url string) error { _, err := rested.R().SetBody("x").Post(url); return err }},
	}
	for _, path := range []string{"/502", "/cut"} {
		for _, client := range clients {
			requests.Store(0)
			err := client.post(server.URL + path)
			fmt.Printf("%s of %s: POSTs that the server read %d, error %v\n", path, client.name, requests.Load(), err != nil)
		}
	}
}
GO
GOFLAGS="$GOFLAGS -mod=mod" go build -o look . 2>build || { cat build; echo "the modules could not be built"; exit 2; }
grep -hE 'go-retryablehttp|resty/v2' go.mod; ./look 2>log | tee seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
/502 of net/http: POSTs that the server read 1, error false
/502 of go-retryablehttp: POSTs that the server read 3, error true
/502 of resty: POSTs that the server read 1, error false
/cut of net/http: POSTs that the server read 1, error true
/cut of go-retryablehttp: POSTs that the server read 3, error true
/cut of resty: POSTs that the server read 3, error true
SEEN
