"""The system files of the machine that is inspected. They are below `root`, which is `/` on a machine and a temporary folder in a test."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 4 * 2**20
"""of a system file that is read"""


@dataclass(frozen=True)
class Account:
    """A line of /etc/passwd."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str = ""


@dataclass(frozen=True)
class Host:
    """The machine. Paths that the installation itself states (in a unit, in its settings) are used as they are."""

    root: Path = Path("/")

    @property
    def name(self) -> str:
        """Return the host name, for messages."""
        return os.uname().nodename

    def find(self, path: str) -> Path:
        """Return where a system file is."""
        return self.root / path.lstrip("/")

    def read(self, path: str) -> str:
        """Return the text of a system file; empty when there is none or it cannot be read."""
        return self.read_bytes(path).decode(errors="replace")

    def read_bytes(self, path: str) -> bytes:
        """Return the content of a system file; empty when there is none or it cannot be read."""
        try:
            with self.find(path).open("rb") as stream:
                return stream.read(MAX_BYTES)
        except OSError:
            return b""

    def find_account(self, name: str = "", *, uid: int = -1) -> Account | None:
        """Return the account with this name, or with this uid; None when there is none. Accounts of a directory service count too."""
        for account in self._read_accounts():
            if account.name == name or account.uid == uid:
                return account
        if self.root != Path("/"):
            return None
        try:
            found = pwd.getpwnam(name) if name else pwd.getpwuid(uid)
        except (KeyError, OverflowError):
            return None
        return Account(found.pw_name, found.pw_uid, found.pw_gid, found.pw_dir, found.pw_shell)

    def find_group(self, gid: int) -> str:
        """Return the name of a group; empty when there is none."""
        for line in self.read("etc/group").splitlines():
            fields = line.split(":")
            if len(fields) >= 3 and fields[2] == str(gid):
                return fields[0]
        if self.root != Path("/"):
            return ""
        try:
            return grp.getgrgid(gid).gr_name
        except (KeyError, OverflowError):
            return ""

    def strip(self, path: Path) -> str:
        """Return an absolute path of the installation as the machine itself has it."""
        return f"/{path.relative_to(self.root)}" if path.is_relative_to(self.root) else str(path)

    def _read_accounts(self) -> Iterator[Account]:
        for line in self.read("etc/passwd").splitlines():
            fields = line.split(":")
            if len(fields) >= 6 and fields[2].isdigit() and fields[3].isdigit():
                yield Account(fields[0], int(fields[2]), int(fields[3]), fields[5], "".join(fields[6:7]))
