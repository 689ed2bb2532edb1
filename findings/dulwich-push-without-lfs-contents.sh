#!/usr/bin/env bash
# Guess: dulwich, whose `add` turns a file that .gitattributes gives to LFS into a pointer and keeps the content in the repository's LFS store, uploads the content when it pushes,
# or runs the hook pre-push of git-lfs, as git does.
# Behaviour: `dulwich push` does neither. The server gets the pointer alone, the text says "successful", the exit code is 0, and each clone fails at the check-out of the file.
# The content is only where the commit was made; `dulwich lfs` has a push of its own that has to be called as well.
# Why it matters to us: the pushes of such a job cannot be cloned on the source either, and it looks as if the migration had lost the objects. We compare the LFS folder of the
# source as it is (files), and the acceptance suite pushes LFS objects by git-lfs. Needs git and git-lfs.
set -euo pipefail
command -v git >/dev/null && command -v git-lfs >/dev/null || { echo "needs git and git-lfs"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check dulwich==1.2.21 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^dulwich '; git --version; git lfs version
cd "$work"; export HOME=$work GIT_CONFIG_NOSYSTEM=1
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main
git lfs install --skip-repo >/dev/null
PATH=$work/venv/bin:$PATH
look() { # $1: the tool
  git init -q --bare "server-$1"; git init -q "$1"; cd "$1"; git lfs install --local >/dev/null; git remote add origin "$work/server-$1"
  echo '*.bin filter=lfs diff=lfs merge=lfs -text' >.gitattributes; echo "some content" >a.bin
  "$1" add .gitattributes a.bin; "$1" commit --message first >/dev/null 2>&1
  "$1" push origin main >../log 2>&1 && code=0 || code=$?; cd ..
  echo "$1: pointer committed $(git -C "$1" show HEAD:a.bin | grep -c '^oid sha256:'), contents in its LFS store $(find "$1/.git/lfs/objects" -type f | wc -l), exit code of the push $code"
  echo "  server: branches $(git -C "server-$1" for-each-ref | wc -l), LFS contents $(find "server-$1" -path '*/lfs/objects/*' -type f | wc -l)"
  git clone -q "server-$1" "clone-$1" >clone.log 2>&1 && code=0 || code=$?; echo "  clone with git-lfs $([[ $code == 0 ]] && echo works || echo fails)"
}
{ look git; look dulwich; } | tee seen
diff seen - <<'SEEN' || { cat log; echo "the behaviour has changed"; exit 1; }
git: pointer committed 1, contents in its LFS store 1, exit code of the push 0
  server: branches 1, LFS contents 1
  clone with git-lfs works
dulwich: pointer committed 1, contents in its LFS store 1, exit code of the push 0
  server: branches 1, LFS contents 0
  clone with git-lfs fails
SEEN
