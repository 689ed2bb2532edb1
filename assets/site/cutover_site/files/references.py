"""Digest of a repository's refs, as they are stored. Does not run git, which fails for a missing object, an empty ref file or a damaged packed-refs."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

from cutover_site.files.tree import read_link, walk

STORES = ("HEAD", "packed-refs", "refs", "reftable")


def digest_references(repository: Path) -> str:
    """Return `<files> files of refs, <sha256>`, equal exactly when HEAD and every ref are stored in the same way, broken ones included.

    Ignores empty folders below refs/, which git leaves behind. A file or a link to no folder in place of the repository has no refs. Raises
    OSError.
    """
    digest = hashlib.sha256()
    count = 0
    stores = STORES if repository.is_dir() else ()  # False for a link to itself too, below which no path can be read
    for path in (path for store in stores for path in walk(repository / store)):
        try:
            status = path.lstat()
            if stat.S_ISDIR(status.st_mode):
                continue
            if stat.S_ISLNK(status.st_mode):  # HEAD of a repository that an old git created
                content = b"link " + read_link(path).encode(errors="surrogateescape")
            else:
                content = b"file " + (path.read_bytes() if stat.S_ISREG(status.st_mode) else b"")
        except FileNotFoundError:
            continue
        name = str(path.relative_to(repository)).encode(errors="surrogateescape")
        digest.update(name + b"\0" + hashlib.sha256(content).digest())
        count += 1
    return f"{count} files of refs, {digest.hexdigest()[:32]}"
