"""Replace files atomically and durably."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

ACCESS_LIST = "system.posix_acl_access"
"""the extended attribute with the access control list of a file, acl(5)"""


def replace(path: Path, content: str, *, mode: int = 0o644, owner: tuple[int, int] | None = None) -> bool:
    """Replace the content of a file. Return whether it has changed. `owner`: uid and gid. Raises OSError.

    A reader sees either the old content or the new one, also after a crash. The file keeps its access control list.
    """
    return replace_bytes(path, content.encode(), mode=mode, owner=owner)


def replace_bytes(path: Path, content: bytes, *, mode: int = 0o644, owner: tuple[int, int] | None = None) -> bool:
    """Replace the content of a file, as `replace` does."""
    if not path.is_symlink() and path.exists() and path.read_bytes() == content:
        return False
    access_list = read_access_list(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            if owner is not None:
                os.fchown(stream.fileno(), *owner)
            os.fchmod(stream.fileno(), mode)  # last: a change of the owner removes setuid and setgid
            if access_list is not None:
                os.setxattr(stream.fileno(), ACCESS_LIST, access_list)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def read_access_list(path: Path) -> bytes | None:
    """Return the access control list of a file in the kernel's form. None: it has none, or there is no such file."""
    with suppress(OSError):  # ENODATA: none; EOPNOTSUPP: the file system has no such lists
        return os.getxattr(path, ACCESS_LIST, follow_symlinks=False)
    return None
