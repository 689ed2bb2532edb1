#!/usr/bin/env bash
# Guess: `git clone --mirror` makes a complete copy; only --shared and --reference make one that borrows objects.
# Behaviour: from a folder, a mirror of a repository that borrows objects (objects/info/alternates) borrows them too: git copies that file, so the mirror has the path of the
# third repository and no object of its own. With --no-hardlinks it is the same. From a URL (file://), or with --no-local or --dissociate, the mirror is complete.
# Why it matters to us: a mirror that is made on the old server and carried to another one has refs and no commits. Our preflight refuses repositories that borrow from outside
# of the copied folders (files/alternates.py).
set -euo pipefail
command -v git >/dev/null || { echo "needs git"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; export HOME=$work GIT_CONFIG_NOSYSTEM=1
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main
git --version
git init -q --bare pool; git init -q local; cd local; git commit -q --allow-empty -m first; git push -q ../pool main; cd ..
git clone -q --bare --shared pool fork

describe() { # $1: how the mirror was made, $2: its folder; moves the third repository away for a moment
  mv pool elsewhere
  if git -C "$2" log -1 --format=%s main >/dev/null 2>&1; then echo "$1: complete"; else echo "$1: no commit without the third repository"; fi
  mv elsewhere pool
}
git clone -q --mirror fork one; describe "from a folder" one
git clone -q --mirror --no-hardlinks fork two; describe "with --no-hardlinks" two
git clone -q --mirror "file://$work/fork" three; describe "from a URL" three
git clone -q --mirror --no-local fork four; describe "with --no-local" four
git clone -q --mirror --dissociate fork five; describe "with --dissociate" five
[[ $(cat one/objects/info/alternates) == "$work/pool/objects" ]] && echo "the first mirror has the path of the third repository"
{ for name in one two three four five; do [[ -s $name/objects/info/alternates ]] && echo "$name borrows" || echo "$name has its own"; done; } >seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
one borrows
two borrows
three has its own
four has its own
five has its own
SEEN
