#!/usr/bin/env bash
# Guess: url.NEW.insteadOf OLD in ~/.gitconfig, and pushInsteadOf for pushes, send each program with a Git library to the new address, as they send git and libgit2.
# Behaviour: go-git reads the rule only where it stands in the configuration of the repository itself, isomorphic-git nowhere, and dulwich reads insteadOf and not pushInsteadOf. They fetch from the old
# address or push to it. Nothing is written.
# Why it matters to us: such a rule is the usual way to send a machine's clones to the new server without a change in each. Jobs with these libraries go on to write to the old server. Our source forwards
# HTTP and SSH after the commit, for as long as it runs; git over SSH gets a name of its own (docs/runbook.md, names). Needs git, Go, Node.js and npm.
set -euo pipefail
for tool in git go node npm; do command -v $tool >/dev/null || { echo "needs git, Go, Node.js and npm"; exit 2; }; done
work=$(mktemp -d); daemon=; trap '[[ -z $daemon ]] || kill $daemon || true; chmod -R u+w "$work"; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check dulwich==1.2.21 pygit2==1.19.1 || exit 2
mkdir "$work/go" "$work/js"; cd "$work/js"; npm install --silent --no-audit --no-fund --no-update-notifier isomorphic-git@1.44.19 || exit 2
cd "$work/go"; export GOFLAGS="-modcacherw -mod=mod"; go mod init look 2>/dev/null
go get github.com/go-git/go-git/v5@v5.19.3 2>get || { cat get; echo "the module could not be installed"; exit 2; }
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
)

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func main() {
	repository, err := git.PlainOpen(os.Args[1])
	check(err)
	check(repository.Fetch(&git.FetchOptions{}))
	check(repository.Push(&git.PushOptions{RefSpecs: []config.RefSpec{"refs/heads/main:refs/heads/pushed"}}))
}
GO
go build -o look . 2>build || { cat build; echo "the module could not be built"; exit 2; }
grep -h 'go-git/go-git/v5' go.mod
cat >"$work/js/look.mjs" <<'JS'
import git from 'isomorphic-git';
import fs from 'node:fs';
// This client of HTTP prints the host of a request and sends none.
const http = { request: async ({ url }) => { console.log(new URL(url).hostname.split('.')[0]); throw new Error('not sent'); } };
const options = { fs, http, dir: process.argv[3], remote: 'origin', ref: 'main' };
try { await git[process.argv[2]](options); } catch (error) { if (error.message !== 'not sent') throw error; }
JS
cat >"$work/look.py" <<'PY'
import io, sys
import pygit2
from dulwich import porcelain
library, folder = sys.argv[1:]
if library == "pygit2":
    remote = pygit2.Repository(folder).remotes["origin"]; remote.fetch(); remote.push(["refs/heads/main:refs/heads/pushed"])
else:
    porcelain.fetch(folder, "origin", quiet=True); porcelain.push(folder, "origin", "main:pushed", outstream=io.BytesIO(), errstream=io.BytesIO())
PY
cd "$work"; export HOME=$work GIT_CONFIG_NOSYSTEM=1
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^(dulwich|pygit2) '; (cd js; npm ls --depth 0 | grep ──); git --version
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'); base=git://127.0.0.1:$port
git daemon --base-path="$work" --export-all --enable=receive-pack --listen=127.0.0.1 --port="$port" --reuseaddr 2>daemon.log & daemon=$!
git init -q --bare old
for _ in $(seq 40); do git ls-remote "$base/old" >/dev/null 2>&1 && break; sleep 0.25; done; git ls-remote "$base/old" || { echo "the server did not start"; exit 2; }
look() { # $1: the library, $2: insteadOf or pushInsteadOf, $3: where the rule is (--global or --local)
  local config="git config $3"; rm -rf old new clone; [[ $3 == --local ]] && config="git -C clone config"
  for server in old new; do git init -q --bare $server; git init -q seed; git -C seed commit -q --allow-empty -m $server; git -C seed push -q ../$server main; rm -rf seed; done
  git init -q clone; git -C clone commit -q --allow-empty -m local
  local old=$base/old new=$base/new; [[ $1 != isomorphic-git ]] || { old=http://old.example.com/name; new=http://new.example.com/name; }
  git -C clone remote add origin "$old"; $config "url.$new.$2" "$old"
  case $1 in
    git) git -C clone fetch -q; git -C clone push -q origin main:pushed 2>/dev/null ;;
    go-git) go/look clone ;;
    isomorphic-git) echo "$1, $2 $3: fetches from $(node js/look.mjs fetch clone), pushes to $(node js/look.mjs push clone)" ;;
    *) venv/bin/python look.py "$1" clone >log 2>&1 || cat log ;;
  esac
  [[ $1 == isomorphic-git ]] || echo "$1, $2 $3: fetches from $(git -C clone log -1 --format=%s origin/main), pushes to $(for server in old new; do git -C $server rev-parse -q --verify pushed >/dev/null && echo $server; done)"
  [[ $3 == --local ]] || $config --remove-section "url.$new"
}
for library in git pygit2 dulwich go-git isomorphic-git; do for rule in insteadOf pushInsteadOf; do look $library $rule --global; done; done | tee seen
for library in go-git isomorphic-git; do look $library insteadOf --local; done | tee -a seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
git, insteadOf --global: fetches from new, pushes to new
git, pushInsteadOf --global: fetches from old, pushes to new
pygit2, insteadOf --global: fetches from new, pushes to new
pygit2, pushInsteadOf --global: fetches from old, pushes to new
dulwich, insteadOf --global: fetches from new, pushes to new
dulwich, pushInsteadOf --global: fetches from old, pushes to old
go-git, insteadOf --global: fetches from old, pushes to old
go-git, pushInsteadOf --global: fetches from old, pushes to old
isomorphic-git, insteadOf --global: fetches from old, pushes to old
isomorphic-git, pushInsteadOf --global: fetches from old, pushes to old
go-git, insteadOf --local: fetches from new, pushes to new
isomorphic-git, insteadOf --local: fetches from old, pushes to old
SEEN
