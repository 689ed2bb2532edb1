"""The refs of a repository, as they are stored. No git is asked: it fails at a ref to a missing object, an empty ref file, a damaged packed-refs."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

from cutover_site.files.tree import read_link, walk

STORES = ("HEAD", "packed-refs", "refs", "reftable")


def digest_references(repository: Path) -> str:
    """Return `<files> files of refs, <sha256>`: equal exactly when HEAD and every ref are stored alike. What is broken alike is equal.

    Empty folders below refs/ are no refs: git leaves them. Raises OSError.
    """
    digest = hashlib.sha256()
    count = 0
    for path in (path for store in STORES for path in walk(repository / store)):
        try:
            status = path.lstat()
            if stat.S_ISDIR(status.st_mode):
                continue
            if stat.S_ISLNK(status.st_mode):  # HEAD of a repository that an old git made
                content = b"link " + read_link(path).encode(errors="surrogateescape")
            else:
                content = b"file " + (path.read_bytes() if stat.S_ISREG(status.st_mode) else b"")
        except FileNotFoundError:
            continue
        name = str(path.relative_to(repository)).encode(errors="surrogateescape")
        digest.update(name + b"\0" + hashlib.sha256(content).digest())
        count += 1
    return f"{count} files of refs, {digest.hexdigest()[:32]}"
