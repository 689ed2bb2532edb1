"""What a tree of the site holds, as digests that are equal exactly when content, ownership and modes are. Same for refs.

The answer has a line per repository (or per bucket of repositories on a large site: a command's output is limited).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from cutover_site.errors import NotChecked
from cutover_site.files.changes import Changes
from cutover_site.system.commands import run

WORKERS = 8
BLOCK = 1 << 18
"""bytes read at once, as hashlib.file_digest of Python 3.11 does"""
LINES = 150
"""repositories told one by one; above that they share BUCKETS lines"""
BUCKETS = 128
SKIPPED = {"archives"}
GROUPS = ("data/attachments", "data/avatars", "data/repo-avatars", "data/lfs-objects", "data/ssh")


def repositories(root: Path) -> list[str]:
    """`owner/name.git` of every repository and wiki, sorted."""
    return sorted(str(found.relative_to(root / "repositories")) for found in (root / "repositories").glob("*/*.git"))


def files(root: Path) -> dict[str, str]:
    """Every repository and every other folder of the site, by content. Raises NotChecked when something cannot be read."""
    others = {group: partial(tree, root / group) for group in GROUPS if (root / group).exists()}
    return _digests(root, tree) | _parallel(others)


def refs(root: Path) -> dict[str, str]:
    """Every ref and HEAD of every repository and wiki."""
    return _digests(root, references)


def changes(root: Path, changed: Changes) -> dict[str, str]:
    """Of what changed: each file, each folder with the names in it, and every ref of each repository that it lies in.

    What belongs neither to a repository nor to GROUPS is left out, as in `files`.
    """
    places: dict[str, list[str]] = {}
    for path in sorted({*changed.files, *changed.folders}):
        if place := _place(path):
            places.setdefault(place, []).append(path)
    folders = frozenset(changed.folders)
    found = _parallel({place: partial(_changed, root, place, paths, folders) for place, paths in places.items()})
    return {"changed": f"{sum(len(paths) for paths in places.values())} paths"} | _lines(found)


def _place(path: str) -> str:
    parts = path.split("/")
    if parts[0] == "repositories":
        return "/".join(parts[:3])
    return next((group for group in GROUPS if path == group or path.startswith(f"{group}/")), "")


def _changed(root: Path, place: str, paths: Sequence[str], folders: Collection[str]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        try:
            told, _length = _entry(root, root / path)
            if path in folders:
                told += "\0".join(entry.name for entry in _entries(root / path)).encode(errors="surrogateescape")
        except FileNotFoundError:
            told = f"{path}\0gone".encode(errors="surrogateescape")
        digest.update(told + b"\0\0")
    is_repository = place.endswith(".git") and (root / place / "HEAD").exists()
    refs = f", {references(root / place)}" if is_repository else ""
    return f"{len(paths)} paths, {digest.hexdigest()[:32]}{refs}"


def tree(folder: Path) -> str:
    """`<files> files, <bytes> bytes, <sha256>` of everything below: path, mode, owner, group, content or link."""
    digest = hashlib.sha256()
    count = size = 0
    for path in _walk(folder):
        try:
            told, length = _entry(folder, path)
        except FileNotFoundError:
            continue  # a file that goes while a live site is read; a frozen one has none, and the other side's digest shows it
        digest.update(told)
        count, size = count + (length is not None), size + (length or 0)
    return f"{count} files, {size} bytes, {digest.hexdigest()[:32]}"


def references(repository: Path) -> str:
    command = ("git", "-c", "safe.directory=*", "--git-dir", str(repository))
    listed = run(*command, "for-each-ref", "--format=%(objectname) %(objecttype) %(refname)", timeout=60).stdout
    head = (repository / "HEAD").read_bytes().strip()
    return f"{len(listed.splitlines())} refs, {hashlib.sha256(listed + head).hexdigest()[:32]}"


def _entry(folder: Path, path: Path) -> tuple[bytes, int | None]:
    """What counts of one path, and its length when it is a file."""
    status = path.lstat()
    told = f"{path.relative_to(folder)}\0{status.st_mode:o} {status.st_uid} {status.st_gid}\0".encode(
        errors="surrogateescape"
    )
    if stat.S_ISREG(status.st_mode):
        return told + _content(path), status.st_size
    if stat.S_ISLNK(status.st_mode):
        return told + str(path.readlink()).encode(errors="surrogateescape"), None
    return told, None


def _content(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.digest()


def _walk(folder: Path) -> Iterator[Path]:
    """The folder itself (or file) and all below, in an order that depends on names alone."""
    yield folder
    try:
        found = _entries(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in found:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path)
        else:
            yield path


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What counts of a folder, by name. Raises FileNotFoundError."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    skipped = SKIPPED if folder.name.endswith(".git") else ()
    return [entry for entry in found if not entry.name.startswith(".nfs") and entry.name not in skipped]


def _digests(root: Path, one: Callable[[Path], str]) -> dict[str, str]:
    names = repositories(root)
    return _lines(_parallel({f"repositories/{name}": partial(one, root / "repositories" / name) for name in names}))


def _lines(found: Mapping[str, str]) -> dict[str, str]:
    """As many as an answer may have."""
    if len(found) <= LINES:
        return dict(found)
    buckets: dict[str, list[str]] = {}
    for name, text in sorted(found.items()):
        bucket = int(hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest(), 16) % BUCKETS
        buckets.setdefault(f"repositories/bucket-{bucket:03d}", []).append(f"{name} {text}")
    return {
        bucket: f"{len(lines)} repositories, {hashlib.sha256(chr(10).join(lines).encode(errors='surrogateescape')).hexdigest()[:32]}"
        for bucket, lines in buckets.items()
    }


def _parallel(work: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    with ThreadPoolExecutor(WORKERS) as pool:
        futures = {name: pool.submit(call) for name, call in work.items()}
        try:
            return {name: future.result() for name, future in futures.items()}
        except OSError as error:
            raise NotChecked(f"the files cannot be compared: {error}") from error
