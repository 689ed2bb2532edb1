#!/usr/bin/env bash
# Guess: the unit package of go-systemd reads an option that continues over several lines as systemd does: a comment between them is left out.
# Behaviour: the comment becomes the end of the value. The next line, if it has a "=", is an option of its own: of a command, its arguments are missing, and there
# is an option with the name "--config". No error is returned. systemd takes the line for a part of the command, and skips the comment. A line of a
# continuation without a comment stays in the value, with its backslash and line break.
# Why it matters to us: a tool that reads a unit file of the source with this package, to see which app.ini Gogs runs with, finds the command without its arguments.
# Needs Go and systemd-analyze.
set -euo pipefail
for command in go systemd-analyze; do command -v $command >/dev/null || { echo "needs $command"; exit 2; }; done
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"; export GOFLAGS=-modcacherw; go mod init look 2>/dev/null; go get github.com/coreos/go-systemd/v22@v22.7.0 2>/dev/null || exit 2
cat > look.service <<'UNIT'
[Service]
ExecStart=/bin/echo web \
# the settings
  --config=/etc/gogs/app.ini \
  --port=3000
UNIT
printf '[Service]\nExecStart=/bin/echo web\n  --config=/etc/gogs/app.ini\n' > alone.service
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/coreos/go-systemd/v22/unit"
)

func main() {
	file, err := os.Open("look.service")
	if err != nil {
		panic(err)
	}
	options, err := unit.DeserializeOptions(file)
	for _, option := range options {
		fmt.Printf("go-systemd: %s=%q\n", option.Name, option.Value)
	}
	fmt.Println("go-systemd: error", err)
}
GO
grep go-systemd go.mod; systemd-analyze --version | head -1
go run . > seen || { echo "the unit could not be read"; exit 2; }
for name in look alone; do # systemd names a line that it takes for an option of its own
  echo "systemd: $name.service: $(systemd-analyze verify --man=no "./$name.service" 2>&1 | grep -c -- "'--config'" || true) unknown option(s)" >> seen
done
cat seen
diff - seen <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
go-systemd: ExecStart="/bin/echo web \\\n# the settings"
go-systemd: --config="/etc/gogs/app.ini \\\n  --port=3000"
go-systemd: error <nil>
systemd: look.service: 0 unknown option(s)
systemd: alone.service: 1 unknown option(s)
SEEN
