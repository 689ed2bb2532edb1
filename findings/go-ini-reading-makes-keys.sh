#!/usr/bin/env bash
# Guess: reading a key of go-ini changes nothing; `%(ROOT)s` in a section without ROOT is that of the part before the first section.
# Behaviour: `Section("x").Key("ROOT")` of a key that is not there makes it, empty. From then on `%(ROOT)s` in this section is empty: the same value reads
# `/srv/data` or `/data`, depending on what was read before. HasKey and GetKey make nothing.
# Why it matters to us: Gogs reads its settings with go-ini in an order of its own; a reader of app.ini elsewhere may return a path that Gogs does not use.
set -euo pipefail
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"; export GOFLAGS=-modcacherw; go mod init look 2>/dev/null; go get gopkg.in/ini.v1@v1.67.0 2>/dev/null
cat > main.go <<'GO'
package main

import (
	"fmt"

	"gopkg.in/ini.v1"
)

const text = "ROOT = /srv\n[x]\nPATH = %(ROOT)s/data\n"

func read(before func(*ini.Section)) string {
	file, err := ini.Load([]byte(text))
	if err != nil {
		panic(err)
	}
	before(file.Section("x"))
	return file.Section("x").Key("PATH").String()
}

func main() {
	fmt.Println("nothing read before:", read(func(*ini.Section) {}))
	fmt.Println("HasKey before:", read(func(s *ini.Section) { s.HasKey("ROOT") }))
	fmt.Println("Key before:", read(func(s *ini.Section) { fmt.Printf("(ROOT of x: %q) ", s.Key("ROOT").String()) }))
}
GO
grep 'gopkg.in/ini.v1' go.mod
go run . | tee seen
diff - seen <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
nothing read before: /srv/data
HasKey before: /srv/data
(ROOT of x: "") Key before: /data
SEEN
