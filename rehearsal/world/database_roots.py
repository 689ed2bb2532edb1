"""Database servers of other releases than the host's, each unpacked into a root of its own in the cache.

A server runs with its root as `/` (chroot, or RootDirectory= of a unit); nothing of it is installed on the host. Debian has MySQL in sid
only, which is 9.7; RDS has 8.4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from rehearsal.errors import RehearsalError
from rehearsal.world.cache import Report, compute_digest, make_once
from rehearsal.world.shell import run

_REVISION = "1"
_TIMEOUT = 1200.0
_WITHOUT = ("doc/*", "man/*", "locale/*", "info/*")
_MYSQL = ("base-files", "tzdata", "mysql-server-core", "mysql-client-core")
_MARIADB = ("mariadb-server-core", "mariadb-client-core", "mariadb-client")
# Unpacked packages have no accounts. A server that is started as root wants to find the user that it becomes.
_PASSWD = "root:x:0:0:root:/root:/bin/sh\n"


def make_mysql_root(cache: Path, report: Report) -> Path:
    """Return <cache>/mysql-sid-<hash>, a folder with MySQL's server and clients; some 20 s the first time.

    Raises RehearsalError when the package is not available.
    """
    return _make_root(cache, "mysql", "sid", _MYSQL, "extract", report)


def make_mariadb_root(cache: Path, suite: str, report: Report) -> Path:
    """Return <cache>/mariadb-<suite>-<hash>. `suite`: bookworm has 10.11, trixie 11.8. Raises RehearsalError."""
    return _make_root(cache, "mariadb", suite, _MARIADB, "minbase", report)


def read_version(root: Path) -> str:
    """Return the server's version, such as 9.7.4 or 10.11.14. Raises RehearsalError when it does not run."""
    program = next(path for path in ("/usr/sbin/mysqld", "/usr/sbin/mariadbd") if (root / path[1:]).is_file())
    found = re.search(r"\bVer ([0-9.]+)", run("chroot", root, program, "--version"))
    if not found:
        raise RehearsalError(f"The database server in {root} does not report its version: remove that folder.")
    return found[1]


def _make_root(cache: Path, product: str, suite: str, packages: Sequence[str], variant: str, report: Report) -> Path:
    name = f"{product}-{suite}-{compute_digest(_REVISION, suite, variant, *_WITHOUT, *packages)}"

    def make(half: Path) -> None:
        try:
            run(
                "mmdebstrap",
                f"--variant={variant}",
                "--format=directory",
                # A mirror of sid that is a snapshot has a Release file that is out of date.
                '--aptopt=Acquire::Check-Valid-Until "false"',
                *(f"--dpkgopt=path-exclude=/usr/share/{folder}" for folder in _WITHOUT),
                f"--include={','.join(packages)}",
                suite,
                half,
                timeout=_TIMEOUT,
            )
        except RehearsalError as error:
            raise RehearsalError(f"{product} of Debian {suite} is not available: {error}") from None
        if not (half / "etc/passwd").exists():
            (half / "etc/passwd").write_text(_PASSWD)

    return make_once(cache, name, make, starting=lambda: report(f"{product} of Debian {suite} (once, about 30 s)"))
