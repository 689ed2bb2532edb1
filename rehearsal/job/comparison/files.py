"""Every path of the site's tree: type, mode, owner, group; and by digest every file that is not git's own store."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path, PurePosixPath

from rehearsal.job.comparison.result import Comparison
from rehearsal.job.comparison.tree import Tree

UNLIKE: dict[str, str] = {
    "data/lfs-incoming": "uploads under way, a folder for each server",
    "data/uploads": "uploads under way, of one server",
    "data/sessions": "sessions of users, to which reads write at any time",
}
"""folder -> why it is not compared"""
GIT_STORE = ("objects", "refs", "packed-refs", "info/refs")
"""files that git may rewrite at any time: they are compared as refs and objects (repositories.py), and by mode and owner if both sides have them"""


def compare_files(source: Tree, target: Tree, result: Comparison) -> None:
    """Compare the files of both data roots. Files that only the target has are listed."""
    here = set(source.list_paths(UNLIKE.__contains__))
    if len(here) < 2:
        result.findings.append(f"there is nothing below {source.root}: no file could be compared")
    for path in sorted(here):
        try:
            _compare(source, target, path, result)
        except OSError as error:
            result.findings.append(f"{path} could not be compared: {error}")
    for path in target.list_paths(UNLIKE.__contains__):
        if path not in here and not _is_in_store(path) and not target.find(path).is_dir():
            result.add_extra(path)


def _compare(source: Tree, target: Tree, path: str, result: Comparison) -> None:
    before, twin = source.find(path).lstat(), target.find(path)
    try:
        after = twin.lstat()
    except FileNotFoundError:
        if not _is_in_store(path):
            result.findings.append(f"file {path}")
        return
    result.owned += 1
    for what, old, new in (
        ("mode", f"{before.st_mode:o}", f"{after.st_mode:o}"),
        ("owner", before.st_uid, after.st_uid),
        ("group", before.st_gid, after.st_gid),
    ):
        if old != new:
            result.findings.append(f"{what} of {path} is {new} instead of {old}")
    if _is_in_store(path) or stat.S_ISDIR(before.st_mode):
        return
    result.add_file("/".join(path.split("/")[:2]) if path.startswith("data/") else "in repositories")
    if stat.S_ISLNK(before.st_mode):
        same = twin.is_symlink() and source.find(path).readlink() == twin.readlink()
    else:
        same = stat.S_ISREG(after.st_mode) and _hash_file(source.find(path)) == _hash_file(twin)
    if not same:
        result.findings.append(f"file {path} differs")


def _is_in_store(path: str) -> bool:
    """Return whether a path is in a store of Git: `repositories/<owner>/<name>.git/<store>…`."""
    parts = PurePosixPath(path).parts
    if len(parts) < 4 or parts[0] != "repositories":
        return False
    inside = "/".join(parts[3:])
    return any(inside == store or inside.startswith(store + "/") for store in GIT_STORE)


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
