"""Check that nobody but root can change what a hook runs as root."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cutover_site.errors import Refused

INSTALL = "install it as root with mode 0755, in a folder that only root can change"


def require_trusted(command: str, *, owner: int = 0) -> Path:
    """Return the path of the executable. Raises Refused with what is wrong with it. `owner`: the user to whom all of it must belong."""
    path = Path(command)
    if not path.is_absolute():
        raise Refused(f"the command of a hook is an absolute path, and {command} is none", next_action=INSTALL)
    real = Path(os.path.realpath(path))
    if real != path:
        raise Refused(f"{command} leads through a symbolic link", next_action=f"name {real} in migration.toml")
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        raise Refused(f"{command} cannot be read: {error.strerror}", next_action=INSTALL) from error
    if not stat.S_ISREG(mode) or not mode & 0o111:
        raise Refused(f"{command} is no executable file", next_action=INSTALL)
    for part in (path, *path.parents):
        if problem := _find_problem(part, owner):
            raise Refused(f"{command} may be changed by others: {problem}", next_action=INSTALL)
    return path


def _find_problem(path: Path, owner: int) -> str:
    """Return why somebody else could replace this file or folder; empty if nobody can."""
    status = path.lstat()
    if status.st_uid not in (0, owner):
        return f"{path} belongs to user {status.st_uid}"
    others = status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and status.st_gid != 0)
    # In a folder with the sticky bit nobody can remove or rename what belongs to somebody else.
    is_sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    return f"{path} has mode {stat.S_IMODE(status.st_mode):04o}" if others and not is_sticky else ""
