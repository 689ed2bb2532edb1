#!/usr/bin/env bash
# Guess: go-git reads objects that a repository borrows (objects/info/alternates), as git, libgit2 and dulwich do.
# Behaviour: PlainOpen returns the repository and its refs without an error, and the commit of HEAD is "object not found". The program finds it only when it opens
# the repository with a storage that it gave a file system for the other one (option AlternatesFS).
# Why it matters to us: a tool in Go that compares repositories of a server reads forks that share objects as broken ones. We read repositories with git itself.
# Needs git and Go.
set -euo pipefail
command -v git >/dev/null && command -v go >/dev/null || { echo "needs git and Go"; exit 2; }
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"; export HOME=$work GIT_CONFIG_NOSYSTEM=1 GOFLAGS=-modcacherw
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main
git init -q --bare pool; git init -q local; cd local; git commit -q --allow-empty -m first; git push -q ../pool main; cd ..
git clone -q --bare --shared pool fork; git clone -q --bare "file://$work/pool" own
mkdir program; cd program; go mod init look 2>/dev/null
go get github.com/go-git/go-git/v5@v5.19.3 2>get || { cat get; echo "the module could not be installed"; exit 2; }
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

func show(title string, repository *git.Repository, err error) {
	if err != nil {
		fmt.Println(title+":", err)
		return
	}
	head, err := repository.Head()
	if err != nil {
		fmt.Println(title+": no HEAD:", err)
		return
	}
	_, err = repository.CommitObject(head.Hash())
	fmt.Printf("%s: HEAD is %s, error of its commit: %v\n", title, head.Name(), err)
}

func main() {
	for _, name := range []string{"own", "fork"} {
		repository, err := git.PlainOpen(os.Args[1] + "/" + name)
		show(name, repository, err)
	}
	storage := filesystem.NewStorageWithOptions(osfs.New(os.Args[1]+"/fork"), cache.NewObjectLRUDefault(), filesystem.Options{AlternatesFS: osfs.New("/")})
	repository, err := git.Open(storage, nil)
	show("fork with AlternatesFS", repository, err)
}
GO
GOFLAGS="$GOFLAGS -mod=mod" go build -o look . 2>build || { cat build; echo "the module could not be built"; exit 2; }
grep -h 'go-git/go-git/v5' go.mod; echo "git reads the fork: $(git -C ../fork log -1 --format=%s)"; ./look "$work" | tee seen
diff - seen <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
own: HEAD is refs/heads/main, error of its commit: <nil>
fork: HEAD is refs/heads/main, error of its commit: object not found
fork with AlternatesFS: HEAD is refs/heads/main, error of its commit: <nil>
SEEN
