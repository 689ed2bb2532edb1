#!/usr/bin/env bash
# Guess: dirhash() of checksumdir changes when files change their places, at least with include_paths=True, which takes the names into the hash.
# Behaviour: the hashes of names and contents are sorted before they are joined, so that no content belongs to a name. Two files that exchanged their contents give
# the same hash, also with include_paths=True; without it, which is the default, so does a file with another name. With it the names count from the current directory:
# an exact copy in another folder has another hash unless each hash is made from within. The package dirhash is right in all these cases.
# Why it matters to us: it is the first hash of a folder that PyPI offers, and calls a copy equal in which two repositories have each other's files. Our digest of a tree
# has a line for each path.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check checksumdir==1.3.0 dirhash==0.5.0 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^(checksumdir|dirhash) '
cd "$work"
"$work/venv/bin/python" - <<'PY' >seen || { echo "the trees could not be hashed"; exit 2; }
from contextlib import chdir
from pathlib import Path
from shutil import copytree
import checksumdir, dirhash
def from_within(tree):
    with chdir(tree):
        return checksumdir.dirhash(".", "sha256", include_paths=True)
hashes = {
    "checksumdir": lambda tree: checksumdir.dirhash(tree, "sha256"),
    "with include_paths": lambda tree: checksumdir.dirhash(tree, "sha256", include_paths=True),
    "with include_paths from within": from_within,
    "dirhash": lambda tree: dirhash.dirhash(tree, "sha256"),
}
def exchange(tree):
    (tree / "one").write_text("second"); (tree / "two").write_text("first")
changes = {
    "exact copy": lambda tree: None,
    "contents exchanged": exchange,
    "another name": lambda tree: (tree / "one").rename(tree / "three"),
    "another content": lambda tree: (tree / "one").write_text("third"),
}
source = Path("source"); source.mkdir(); (source / "one").write_text("first"); (source / "two").write_text("second")
for title, change in changes.items():
    copy = Path(copytree(source, title)); change(copy)
    print(f"{title}:", ", ".join(f"{name} {'equal' if hash_of(source) == hash_of(copy) else 'different'}" for name, hash_of in hashes.items()))
PY
cat seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
exact copy: checksumdir equal, with include_paths different, with include_paths from within equal, dirhash equal
contents exchanged: checksumdir equal, with include_paths different, with include_paths from within equal, dirhash different
another name: checksumdir equal, with include_paths different, with include_paths from within different, dirhash different
another content: checksumdir different, with include_paths different, with include_paths from within different, dirhash different
SEEN
