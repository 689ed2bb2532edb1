#!/usr/bin/env bash
# Guess: like other readers of INI files, go-ini takes `#` or `;` for a comment only after a space, or only at the start of a line.
# Behaviour: by default it cuts a value at any of the two, without a space (`pa#ss` is `pa`), while within backquotes they stay. With IgnoreInlineComment
# nothing is cut, but what follows a closing backquote is dropped all the same.
# Why it matters to us: Gogs reads app.ini with IgnoreInlineComment; a reader with the default options finds other passwords in the same file.
set -euo pipefail
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"; export GOFLAGS=-modcacherw; go mod init look 2>/dev/null; go get gopkg.in/ini.v1@v1.67.0 2>/dev/null
cat > main.go <<'GO'
package main

import (
	"fmt"

	"gopkg.in/ini.v1"
)

func main() {
	text := []byte("A = pa#ss\nB = pa;ss\nC = `pa#ss`\nD = `pa`ss\n")
	for _, ignore := range []bool{false, true} {
		file, err := ini.LoadSources(ini.LoadOptions{IgnoreInlineComment: ignore}, text)
		if err != nil {
			panic(err)
		}
		s := file.Section("")
		fmt.Printf("IgnoreInlineComment %t: %q %q %q %q\n", ignore, s.Key("A").Value(), s.Key("B").Value(), s.Key("C").Value(), s.Key("D").Value())
	}
}
GO
grep 'gopkg.in/ini.v1' go.mod
go run . | tee seen
diff - seen <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
IgnoreInlineComment false: "pa" "pa" "pa#ss" "pa"
IgnoreInlineComment true: "pa#ss" "pa;ss" "pa#ss" "pa"
SEEN
