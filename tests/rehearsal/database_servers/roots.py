"""Commands of a database server of another distribution. They run with the root of that distribution as `/`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.rehearsal.mounts import DROP_LOOP_MOUNTS

FOLDER = Path("/home")
"""the path of the given folder for a command in a root"""
# The separate mount namespace leaves no mount in the shared root, however the server ends.
_ENTER = f"""set -e
{DROP_LOOP_MOUNTS}
mount --rbind /dev "$1/dev"; mount -t proc proc "$1/proc"; mount --bind "$2" "$1{FOLDER}"
root=$1; shift 2; exec chroot "$root" "$@"
"""


def enter(root: Path, folder: Path, command: Sequence[str]) -> list[str]:
    """Return a command that runs `command` with `root` as `/` and the host's `folder` at FOLDER.

    The command runs in the process that the caller starts.
    """
    return [
        "unshare", "--mount", "--propagation", "private", "sh", "-c", _ENTER, "sh", str(root), str(folder), *command
    ]  # fmt: skip


def write_launcher(root: Path, program: str, file: Path) -> None:
    """Write a script that runs a program of `root`, such as `usr/bin/mysqlbinlog`, in the host's own file system."""
    loader = next((root / "usr").glob("lib*/**/ld-linux-*.so.*"))
    libraries = ":".join(str(path) for path in (root / "usr/lib").glob("*-linux-gnu"))
    file.write_text(f'#!/bin/sh\nexec {loader} --library-path {libraries} {root / program} "$@"\n')
    file.chmod(0o755)
