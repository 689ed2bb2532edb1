"""HAProxy's runtime API over its socket."""

import csv
import socket
from dataclasses import dataclass
from pathlib import Path

from cutover_site.errors import SiteError


class ProxyError(SiteError):
    """HAProxy does not answer, or refuses a command."""


@dataclass(frozen=True)
class Runtime:
    path: Path
    timeout: float = 5.0

    def ask(self, command: str) -> str:
        """What HAProxy answers to one command. Raises ProxyError when it cannot be reached."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(self.timeout)
                connection.connect(str(self.path))
                connection.sendall(command.encode() + b"\n")
                parts: list[bytes] = []
                while part := connection.recv(65536):
                    parts.append(part)
        except OSError as error:
            raise ProxyError(
                f"HAProxy's socket {self.path}: {error}", next_action="systemctl status haproxy.service"
            ) from error
        return b"".join(parts).decode().strip()

    def tell(self, command: str) -> None:
        """A command that answers nothing when it worked. Raises ProxyError with what it said."""
        if said := self.ask(command):
            raise ProxyError(f"HAProxy refused '{command}': {said}")

    def sessions(self, backend: str) -> int:
        """Requests or connections in `backend`, queued ones included. Raises ProxyError when there is no such backend."""
        rows = csv.DictReader(self.ask("show stat").removeprefix("# ").splitlines())
        for row in rows:
            if row["pxname"] == backend and row["svname"] == "BACKEND":
                return int(row["scur"]) + int(row["qcur"])
        raise ProxyError(f"HAProxy has no backend {backend}")

    def cut(self, backend: str) -> None:
        """Ends every session of the backend's server `gogs`."""
        self.tell(f"shutdown sessions server {backend}/gogs")
