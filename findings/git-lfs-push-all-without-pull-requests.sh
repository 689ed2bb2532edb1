#!/usr/bin/env bash
# Guess: `git lfs fetch --all` and `git lfs push --all` in a mirror mean the same refs, all of them, so that together with `git push --mirror` they move the LFS contents of a repository.
# Behaviour: fetch --all takes the contents of every ref. push --all without a ref sends those of branches and tags only: what only a pull request (refs/pull/1/head) or another ref needs stays
# behind. The exit code is 0, and `git lfs fsck` of the mirror reports nothing. A push of the ref by name (`git lfs push --all NEW refs/pull/1/head`) sends it.
# Why it matters to us: Gogs keeps each pull request at refs/pull. A move by these commands leaves the new server with pointers of which it has no content, and nobody sees it until somebody opens
# or merges the pull request. We copy the folder of LFS objects as a whole. Needs Debian 12 with apt, git and Go.
set -euo pipefail
for tool in apt-get git go; do command -v $tool >/dev/null || { echo "needs Debian 12 with apt, git and Go"; exit 2; }; done
LFS=3.3.0-1+deb12u2
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
chmod 755 "$work"; mkdir "$work/old" "$work/new"; export HOME=$work GIT_CONFIG_NOSYSTEM=1 GOFLAGS=-modcacherw GOPATH=$work/gopath
(cd "$work" && apt-get -qq download "git-lfs=$LFS" 2>apt && dpkg -x git-lfs_*.deb deb && mv deb/usr/bin/git-lfs old) || { cat "$work/apt"; echo "the package could not be installed"; exit 2; }
GOBIN=$work/new go install github.com/git-lfs/git-lfs/v3@v3.8.1 2>"$work/build" || { cat "$work/build"; echo "the module could not be built"; exit 2; }
cd "$work"; git --version; for version in old new; do echo "$version: $($version/git-lfs version)"; done
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main; git config --global advice.detachedHead false
contents() { find "$1/lfs/objects" -type f 2>/dev/null | wc -l; }
names() { # $1: the repository: the files of all refs whose contents it lacks
  git -C "$1" for-each-ref --format='%(refname)' | while read -r ref; do git -C "$1" ls-tree -r --name-only "$ref" | grep '\.bin$' | while read -r file; do
    object=$(git -C "$1" show "$ref:$file" | sed -n 's/^oid sha256://p'); [[ -f $1/lfs/objects/${object:0:2}/${object:2:2}/$object ]] || echo "$file of $ref"
  done; done | sort -u | xargs
}
move() { # $1: old or new
  local PATH=$work/$1:$PATH; mkdir "move-$1"; cd "move-$1"; git lfs install --skip-repo >/dev/null
  git init -q --bare source; git init -q local; cd local; git remote add origin "file://$work/move-$1/source"
  git lfs track '*.bin' >/dev/null; echo 1 >main.bin; git add .; git commit -q -m main
  for ref in heads/branch tags/v1 pull/1/head; do git checkout -q main; git checkout -q --detach; echo "$ref" >"${ref%%/*}.bin"; git add .; git commit -q -m "$ref"; git update-ref "refs/$ref" HEAD; done
  git lfs push origin --object-id $(find .git/lfs/objects -type f -printf '%f ') >/dev/null 2>&1; git -c core.hooksPath=/dev/null push -q origin 'refs/*:refs/*'; cd ..
  git clone -q --mirror "file://$work/move-$1/source" mirror; git init -q --bare target; cd mirror; git remote add new "file://$work/move-$1/target"
  git lfs fetch --all >../log 2>&1; git -c core.hooksPath=/dev/null push -q --mirror new
  git lfs push --all new >>../log 2>&1 && code=0 || code=$?; cd ..
  echo "$1: contents in the source $(contents source), in the mirror $(contents mirror), exit code of push --all $code, in the target $(contents target)"
  echo "$1: the target lacks $(names target), git lfs fsck of the mirror: $(git -C mirror lfs fsck 2>&1 | tail -1)"
  git -C mirror lfs push --all new refs/pull/1/head >>log 2>&1; echo "$1: after the push by name $(contents target)"; cd ..
}
{ move old; move new; } | tee seen
diff seen - <<'SEEN' || { cat move-*/log; echo "the behaviour has changed"; exit 1; }
old: contents in the source 4, in the mirror 4, exit code of push --all 0, in the target 3
old: the target lacks pull.bin of refs/pull/1/head, git lfs fsck of the mirror: Git LFS fsck OK
old: after the push by name 4
new: contents in the source 4, in the mirror 4, exit code of push --all 0, in the target 3
new: the target lacks pull.bin of refs/pull/1/head, git lfs fsck of the mirror: Git LFS fsck OK
new: after the push by name 4
SEEN
