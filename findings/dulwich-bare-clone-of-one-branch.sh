#!/usr/bin/env bash
# Guess: porcelain.clone(…, bare=True) of dulwich makes what `git clone --bare` makes: a repository with all branches and tags.
# Behaviour: only the branch of HEAD is a branch of the copy. The other ones are below refs/remotes/origin, as in a clone that somebody works in. A clone of the copy
# has one branch, and its web page shows one. Notes and the refs of pull requests do not come, as with `git clone --bare`.
# Why it matters to us: all objects are there and the sizes fit, so that such a copy looks whole until somebody looks for a branch. Gogs lists refs/heads. We copy files.
# Needs git.
set -euo pipefail
command -v git >/dev/null || { echo "needs git"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check dulwich==1.2.21 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^dulwich '
cd "$work"; export HOME=$work GIT_CONFIG_NOSYSTEM=1
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main
git init -q source; git -C source commit -q --allow-empty -m 1; git -C source branch topic; git -C source tag v1
git clone -q --bare "file://$work/source" git.git
venv/bin/python - <<'PY' 2>errors || { cat errors; echo "the repository could not be cloned"; exit 2; }
import io
from dulwich import porcelain
porcelain.clone("source", "dulwich.git", bare=True, errstream=io.BytesIO()).close()
PY
for copy in git dulwich; do
  git clone -q "file://$work/$copy.git" "clone of $copy"
  refs=$(git -C $copy.git for-each-ref --format='%(refname)' | grep -v origin/HEAD | xargs)
  branches=$(git -C "clone of $copy" for-each-ref --format='%(refname:lstrip=3)' refs/remotes | grep -v HEAD | xargs)
  echo "$copy: $refs; branches of a clone of it: $branches"
done | tee seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
git: refs/heads/main refs/heads/topic refs/tags/v1; branches of a clone of it: main topic
dulwich: refs/heads/main refs/remotes/origin/main refs/remotes/origin/topic refs/tags/v1; branches of a clone of it: main
SEEN
