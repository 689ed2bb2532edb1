"""Walk a tree and read what is compared of each path. No symbolic link is followed."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from applications.profile import Files

from cutover_site.errors import NotChecked
from cutover_site.files.names import shorten

BLOCK_BYTES = 2**20
GONE = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ELOOP))
"""errors of a path whose folder was deleted, or replaced by a file or by a link to itself"""


class LeadsOut(NotChecked):
    """A symbolic link leads out of the data root. The file that it leads to would not be copied."""


def walk(folder: Path, without: Collection[str] = ()) -> Iterator[Path]:
    """Yield the folder (or file) itself and everything below, in an order that depends on names only.

    Not recursive, because users decide how deep a tree is (a branch name may have a thousand parts). `without`: paths to skip, with
    everything below them.
    """
    yield folder
    pending = [_list_children(folder)]
    while pending:
        entry = next(pending[-1], None)
        if entry is None:
            pending.pop()
        elif entry.path not in without:
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                pending.append(_list_children(Path(entry.path)))


def _list_children(folder: Path) -> Iterator[os.DirEntry[str]]:
    if folder.is_symlink():
        return iter(())
    try:
        return iter(list_folder(folder))
    except (FileNotFoundError, NotADirectoryError):
        return iter(())


def list_folder(folder: Path) -> list[os.DirEntry[str]]:
    """Return the entries of a folder that are compared, sorted by name. Raises FileNotFoundError."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    return [entry for entry in found if not entry.name.startswith(".nfs")]


def read_entry(folder: Path, path: Path, sites: tuple[Path, ...] = ()) -> tuple[bytes, int | None]:
    """Return what is compared of one path (name below `folder`, mode, owner, group, content or link), and the length of a file.

    `sites`: the data root and other paths of folders in it (`list_sites`), when no link may lead out of them. Raises FileNotFoundError, OSError, LeadsOut.
    """
    status = path.lstat()
    described = f"{path.relative_to(folder)}\0{status.st_mode:o} {status.st_uid} {status.st_gid}\0".encode(
        errors="surrogateescape"
    )
    if stat.S_ISREG(status.st_mode):
        return described + hash_file(path), status.st_size
    if stat.S_ISLNK(status.st_mode):
        if sites and all(is_link_outside(site, path) for site in sites):
            raise LeadsOut(
                f"{shorten(str(path))} is a symbolic link that leads out of {sites[0]}, to {shorten(read_link(path))}: "
                "what it leads to would not be carried over",
                next_action="move what it leads to into the site's folders, or remove the link, then deploy again",
            )
        return described + read_link(path).encode(errors="surrogateescape"), None
    return described, None


def list_sites(rules: Files, root: Path) -> tuple[Path, ...]:
    """Return the data root, and the other paths of its folders. A link may lead to each of them."""
    return (root, *map(Path, rules.aliases))


def is_link_outside(site: Path, link: Path) -> bool:
    """Return whether a symbolic link leads out of the data root, also when its target does not exist."""
    root, end = os.path.realpath(site), os.path.realpath(link)
    return end != root and not end.startswith(f"{root}/")


def read_link(path: Path) -> str:
    """Return the target of a symbolic link, unchanged."""
    return os.readlink(path)  # noqa: PTH115  Path.readlink changes the text: it leaves out `./` and a slash at the end


def hash_file(path: Path) -> bytes:
    """Return the SHA-256 of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
    return digest.digest()
