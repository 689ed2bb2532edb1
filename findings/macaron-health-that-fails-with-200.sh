#!/usr/bin/env bash
# Guess: a health check that fails makes the page of the health checks return a status of 5xx, so that a load balancer takes the server out.
# Behaviour: go-macaron's toolbox, which serves /healthcheck of Gogs, returns 200 whatever its checks find. Only the text has the error.
# Why it matters to us: a load balancer that looks at the status calls a Gogs healthy whose database is gone. Our checks look for the text "Database connection: OK"
# (applications/gogs/profile.py). Needs Go.
set -euo pipefail
command -v go >/dev/null || { echo "needs Go"; exit 2; }
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"; export GOFLAGS=-modcacherw; go mod init look 2>/dev/null
go get github.com/go-macaron/toolbox@v0.0.0-20190813233741-94defb8383c6 gopkg.in/macaron.v1@v1.5.1 2>get || { cat get; echo "the modules could not be installed"; exit 2; }
cat >main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/go-macaron/toolbox"
	"gopkg.in/macaron.v1"
)

func main() {
	macaron.Env = macaron.PROD
	for _, found := range []error{nil, errors.New("connection refused")} {
		site := macaron.New()
		check := &toolbox.HealthCheckFuncDesc{Desc: "Database", Func: func() error { return found }}
		site.Use(toolbox.Toolboxer(site, toolbox.Options{HealthCheckFuncs: []*toolbox.HealthCheckFuncDesc{check}}))
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			response := httptest.NewRecorder()
			site.ServeHTTP(response, httptest.NewRequest(method, "/healthcheck", nil))
			fmt.Printf("the check returns %v: %s: status %d, text %q\n", found, method, response.Code, strings.TrimSpace(response.Body.String()))
		}
	}
}
GO
GOFLAGS="$GOFLAGS -mod=mod" go build -o look . 2>build || { cat build; echo "the module could not be built"; exit 2; }
grep -hE 'go-macaron/toolbox|macaron.v1 ' go.mod; ./look | tee seen
diff - seen <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
the check returns <nil>: GET: status 200, text "* Database: OK"
the check returns <nil>: HEAD: status 200, text ""
the check returns connection refused: GET: status 200, text "* Database: connection refused"
the check returns connection refused: HEAD: status 200, text ""
SEEN
