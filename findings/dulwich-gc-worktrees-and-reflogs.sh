#!/usr/bin/env bash
# Guess: gc of dulwich (porcelain.gc(), `dulwich gc`), like `git gc`, keeps whatever the repository still names: by a ref, the index, a reflog or a linked worktree.
# Behaviour: it follows HEAD and the refs only. What is two weeks old and only in the index (staged, not committed), or named by the HEAD or the index of a linked worktree, or by a
# reflog, is removed. A commit of the worktree is then a "bad object HEAD"; of the stashes only the newest is left. Nothing but the number of "unreachable" objects is written.
# Why it matters to us: a clean-up of repositories before a move, so that less has to be copied, destroys what nobody pushed yet. What is removed before the copy is in
# no comparison. We copy repositories as they are. Needs git.
set -euo pipefail
command -v git >/dev/null || { echo "needs git"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check dulwich==1.2.21 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^dulwich '; git --version
cd "$work"; export HOME=$work GIT_CONFIG_NOSYSTEM=1
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main
git init -q main; cd main; echo 1 >file; git add file; git commit -q -m first
git worktree add -q --detach ../linked; (cd ../linked; echo 2 >worktree; git add worktree; git commit -q -m "in the worktree"; echo 3 >staged; git add staged)
echo 4 >reset; git add reset; git commit -q -m "reset away"; git reset -q --hard HEAD~
echo 5 >>file; git stash -q; echo 6 >>file; git stash -q
echo 7 >index; git add index
objects="a branch:$(git rev-parse main) the index:$(git rev-parse :index) the newest stash:$(git rev-parse stash) an older stash:$(git rev-parse 'stash@{1}')
a reflog:$(git rev-parse 'main@{1}') HEAD of a worktree:$(git -C ../linked rev-parse HEAD) the index of a worktree:$(git -C ../linked rev-parse :staged)"
cd ..; find main/.git/objects -type f -exec touch -d '3 weeks ago' {} +
look() { # $1: the folder
  grep -oE '[a-zA-Z][a-zA-Z ]*:[0-9a-f]{40}' <<<"$objects" | while IFS=: read -r name object; do
    echo "  $name: $(git -C "$1" cat-file -e "$object" 2>/dev/null && echo there || echo gone)"
  done
}
mkdir git dulwich; for tool in git dulwich; do cp -a main linked $tool; sed -i "s|$work/|$work/$tool/|" $tool/linked/.git $tool/main/.git/worktrees/linked/gitdir; done
git -C git/main gc -q; (cd dulwich/main && ../../venv/bin/dulwich gc >../../log 2>&1) || { cat log; echo "dulwich gc failed"; exit 1; }
{ for tool in git dulwich; do echo "after gc of $tool"; look $tool/main; done; } | tee seen
echo "the worktree: $(git -C dulwich/linked log -1 2>&1 | head -1)"
diff seen - <<'SEEN' || { cat log; echo "the behaviour has changed"; exit 1; }
after gc of git
  a branch: there
  the index: there
  the newest stash: there
  an older stash: there
  a reflog: there
  HEAD of a worktree: there
  the index of a worktree: there
after gc of dulwich
  a branch: there
  the index: gone
  the newest stash: there
  an older stash: gone
  a reflog: gone
  HEAD of a worktree: gone
  the index of a worktree: gone
SEEN
