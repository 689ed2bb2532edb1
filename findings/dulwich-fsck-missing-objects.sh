#!/usr/bin/env bash
# Guess: porcelain.fsck() of dulwich, like `git fsck`, reports an object that a commit or a branch names and that is not there.
# Behaviour: it checks the objects that it finds, each for itself, and follows no reference. A repository that lacks the first commit, or the content of a file, or the
# commit that a branch names, has no error. `git fsck` reports each and exits with an error.
# Why it matters to us: after a copy that was cut off, a check with it calls a repository whole that nobody can clone. Our comparison reads every file, and the
# acceptance suite clones. Needs git.
set -euo pipefail
command -v git >/dev/null || { echo "needs git"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check dulwich==1.2.21 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^dulwich '
cd "$work"; export HOME=$work GIT_CONFIG_NOSYSTEM=1
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main
git init -q source; for number in 1 2 3; do echo "$number" >source/file; git -C source add file; git -C source commit -q -m "$number"; done
look() { # $1: title, $2: the repository
  git -C "$2" fsck >git.log 2>&1 && code=0 || code=$?
  echo "$1: git fsck $([[ $code == 0 ]] && echo passed || echo failed), errors of dulwich $(venv/bin/python -c '
import sys
from dulwich import porcelain
from dulwich.repo import Repo
with Repo(sys.argv[1]) as repository:
    print(len(list(porcelain.fsck(repository))))' "$2")"
}
{
  look "a whole repository" source
  for missing in HEAD~2 HEAD:file HEAD; do
    cp -r source copy; object=$(git -C source rev-parse "$missing"); rm -f "copy/.git/objects/${object:0:2}/${object:2}"
    look "without $missing" copy; rm -rf copy
  done
} | tee seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
a whole repository: git fsck passed, errors of dulwich 0
without HEAD~2: git fsck failed, errors of dulwich 0
without HEAD:file: git fsck failed, errors of dulwich 0
without HEAD: git fsck failed, errors of dulwich 0
SEEN
