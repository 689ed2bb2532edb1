"""What a tree of the site holds, as digests that are equal exactly when content, ownership and modes are. Same for refs.

The answer has a line per repository (or per bucket of repositories on a large site: a command's output is limited).
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from cutover_site.errors import NotChecked
from cutover_site.system.commands import run

WORKERS = 8
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
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def _walk(folder: Path) -> Iterator[Path]:
    """The folder itself (or file) and all below, in an order that depends on names alone."""
    yield folder
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in found:
        path = Path(entry.path)
        if entry.name.startswith(".nfs") or (entry.name in SKIPPED and folder.name.endswith(".git")):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path)
        else:
            yield path


def _digests(root: Path, one: Callable[[Path], str]) -> dict[str, str]:
    names = repositories(root)
    found = _parallel({name: partial(one, root / "repositories" / name) for name in names})
    if len(names) <= LINES:
        return {f"repositories/{name}": text for name, text in found.items()}
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
