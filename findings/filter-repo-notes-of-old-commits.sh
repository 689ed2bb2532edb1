#!/usr/bin/env bash
# Guess: git-filter-repo, which also writes the new ids into commit messages, takes the notes of git along: after a filter of all refs of a mirror, `git log --notes` shows them as before.
# Behaviour: refs/notes is there, with all its notes, but each still belongs to the id that the commit had before. `git log` shows none, nothing is reported, and `git notes prune` then removes them
# for good. Ids within the messages of annotated tags stay the old ones too; those within commit messages are the new ones.
# Why it matters to us: large files are filtered out before a move so that less is copied. The list of refs is the same afterwards, and reviews or build results that notes keep are gone from view.
# filter-repo/commit-map has the pairs of ids. We copy repositories as they are. Needs git.
set -euo pipefail
command -v git >/dev/null || { echo "needs git"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check git-filter-repo==2.47.0 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^git-filter-repo '; git --version
cd "$work"; export HOME=$work GIT_CONFIG_NOSYSTEM=1 PATH="$work/venv/bin:$PATH"
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main
git init -q local; cd local; echo large >large; echo small >small; git add .; git commit -q -m first; git notes add -m "a note"
first=$(git rev-parse HEAD); git commit -q --allow-empty -m "follows $first"; git tag -a -m "of $first" v1; cd ..
git clone -q --mirror "file://$work/local" mirror; cd mirror
look() { # $1: the title
  echo "$1: refs $(git for-each-ref --format='%(refname)' | xargs), notes in the ref $(git notes list | wc -l), shown by git log $(git log --notes --format=%N main | grep -c 'a note' || true)"
}
{
  look before
  git filter-repo --force --invert-paths --path large >../log 2>&1 || { cat ../log; echo "the filter failed"; }
  look after
  new=$(git rev-parse main~); [[ $(git log -1 --format=%s main) == "follows $new" ]] && echo "id in a commit message: new" || echo "id in a commit message: old"
  [[ $(git tag -l --format='%(subject)' v1) == "of $first" ]] && echo "id in the message of a tag: old" || echo "id in the message of a tag: new"
  git notes prune; look "after git notes prune"
} | tee ../seen
echo "lines of the log about notes: $(grep -ci notes ../log || true)"
diff ../seen - <<'SEEN' || { cat ../log; echo "the behaviour has changed"; exit 1; }
before: refs refs/heads/main refs/notes/commits refs/tags/v1, notes in the ref 1, shown by git log 1
after: refs refs/heads/main refs/notes/commits refs/tags/v1, notes in the ref 1, shown by git log 0
id in a commit message: new
id in the message of a tag: old
after git notes prune: refs refs/heads/main refs/notes/commits refs/tags/v1, notes in the ref 0, shown by git log 0
SEEN
