#!/usr/bin/env bash
# Guess: a request that only reads its session, or does not use it, leaves the file of that session alone.
# Behaviour: go-macaron's session library, of which Gogs uses the file provider, reads the whole session when a request starts and writes it when the request ends, changed or not.
# So a slow read writes the session as it was before it, and a value that another request stored meanwhile is gone.
# Why it matters to us: reads go on in the window and write files on a source that is frozen. The delta copies the folder of sessions at its end, and nothing compares it
# (files/rsync.py, mirror_sessions). Needs Go.
set -euo pipefail
command -v go >/dev/null || { echo "needs Go"; exit 2; }
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"; export GOFLAGS=-modcacherw; go mod init look 2>/dev/null
go get github.com/go-macaron/session@v1.0.3 gopkg.in/macaron.v1@v1.5.1 2>get || { cat get; echo "the modules could not be installed"; exit 2; }
cat >main.go <<'GO'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/go-macaron/session"
	"gopkg.in/macaron.v1"
)

func main() {
	macaron.Env = macaron.PROD
	site := macaron.New()
	site.Use(session.Sessioner(session.Options{Provider: "file", ProviderConfig: "sessions", Gclifetime: 3600, Maxlifetime: 3600}))
	started, goOn := make(chan bool), make(chan bool)
	site.Get("/store/:name", func(c *macaron.Context, s session.Store) error { return s.Set(c.Params(":name"), "stored") })
	site.Get("/read", func(s session.Store) string { return fmt.Sprint(s.Get("first"), ", ", s.Get("second")) })
	site.Get("/other", func() string { return "no use of the session" })
	site.Get("/slow", func(s session.Store) string { started <- true; <-goOn; return fmt.Sprint(s.Get("first")) })

	var cookie *http.Cookie
	get := func(path string) string {
		request, response := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
		if cookie != nil {
			request.AddCookie(cookie)
		}
		site.ServeHTTP(response, request)
		if made := response.Result().Cookies(); len(made) > 0 {
			cookie = made[0]
		}
		return response.Body.String()
	}
	isWritten := func(path string) bool {
		old := time.Now().Add(-time.Minute).Truncate(time.Second)
		name := ""
		_ = filepath.Walk("sessions", func(path string, info os.FileInfo, err error) error {
			if err == nil && !info.IsDir() {
				name = path
			}
			return err
		})
		if err := os.Chtimes(name, old, old); err != nil {
			panic(err)
		}
		get(path)
		info, err := os.Stat(name)
		if err != nil {
			panic(err)
		}
		return !info.ModTime().Equal(old)
	}
	get("/store/first")
	fmt.Println("written by a request that reads the session:", isWritten("/read"))
	fmt.Println("written by a request that does not use it:", isWritten("/other"))
	ended := make(chan bool)
	go func() { get("/slow"); ended <- true }()
	<-started
	get("/store/second")
	fmt.Println("in the session while the slow read goes on:", get("/read"))
	goOn <- true
	<-ended
	fmt.Println("in the session after it:", get("/read"))
}
GO
grep -h 'go-macaron/session\|macaron.v1 ' go.mod; GOFLAGS=-mod=mod go run . | tee seen
diff - seen <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
written by a request that reads the session: true
written by a request that does not use it: true
in the session while the slow read goes on: stored, stored
in the session after it: stored, <nil>
SEEN
