#!/usr/bin/env bash
# Guess: a fetch with dulwich in a repository that `git clone --mirror` made brings the branches and tags up to date, as `git remote update --prune` does: what goes where stands in
# remote.origin.fetch of its configuration.
# Behaviour: `dulwich fetch` and porcelain.fetch() do not read this setting. The new branches arrive below refs/remotes/origin, and with prune=True as well refs/heads stays as it was: old
# commits, removed branches, no new ones. Tags do come. Refs of pull requests do not. The exit code is 0, and the objects of the new commits are there.
# Why it matters to us: a mirror that is updated so looks fresh (new packs, new tags), and whoever restores or moves it publishes old branches. We copy the files of the source, and
# compare them with it. Needs git.
set -euo pipefail
command -v git >/dev/null || { echo "needs git"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check dulwich==1.2.21 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^dulwich '; git --version
cd "$work"; export HOME=$work GIT_CONFIG_NOSYSTEM=1
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main
git init -q --bare source; git init -q local; cd local; git remote add origin "$work/source"
git commit -q --allow-empty -m first; git push -q origin main main:removed main:refs/pull/1/head; cd ..
for tool in git command porcelain; do git clone -q --mirror "file://$work/source" $tool; done
cd local; git commit -q --allow-empty -m second; git tag v1; git push -q origin main main:added main:refs/pull/1/head v1 :removed; cd ..
git -C git remote update --prune >/dev/null 2>&1
(cd command && ../venv/bin/dulwich fetch origin >../log 2>&1) && code=0 || code=$?
venv/bin/python -c 'from dulwich import porcelain; porcelain.fetch("porcelain", "origin", prune=True, force=True, quiet=True)' >>log 2>&1 || echo "porcelain.fetch failed"
{
  echo "dulwich fetch: exit code $code"
  for repository in source git command porcelain; do echo "$repository: $(git -C $repository for-each-ref --format='%(refname) %(subject)' | sed 's|^refs/||' | tr '\n' ',')"; done
} | tee seen
diff seen - <<'SEEN' || { cat log; echo "the behaviour has changed"; exit 1; }
dulwich fetch: exit code 0
source: heads/added second,heads/main second,pull/1/head second,tags/v1 second,
git: heads/added second,heads/main second,pull/1/head second,tags/v1 second,
command: heads/main first,heads/removed first,pull/1/head first,remotes/origin/added second,remotes/origin/main second,tags/v1 second,
porcelain: heads/main first,heads/removed first,pull/1/head first,remotes/origin/added second,remotes/origin/main second,tags/v1 second,
SEEN
