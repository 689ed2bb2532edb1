"""HAProxy's runtime API, through its master process: each worker by its own process id.

After a reload the worker before goes on with what it has let in, in the mode that it knows: it must be told and counted too.
"""

from __future__ import annotations

import csv
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cutover_site.errors import SiteError

AGAIN = 0.05
SESSION = re.compile(r"^(?P<id>0x[0-9a-f]+): .*\bbe=(?P<backend>\S+) ", re.MULTILINE)
DETAILS = re.compile(r"^(?P<id>0x[0-9a-f]+): ", re.MULTILINE)
"""of `show sess all`: a session begins here, the lines that describe it are indented"""
BACKEND = re.compile(r"^\s+backend=(?P<backend>\S+) ", re.MULTILINE)
TOTAL = re.compile(r"^\s+re[qs]=.*\btotal=(?P<bytes>\d+)\)", re.MULTILINE)
COMMAND_LINE = "GLOBAL"
"""the frontend of the runtime API itself"""
FRONTEND = re.compile(r"^0x[0-9a-f]+: .*\bfe=(?P<frontend>\S+) ", re.MULTILINE)
APPLICATION = "application_reads/application"
"""of haproxy.cfg; the server for writes shares its health"""
WORKER = re.compile(r"^(?P<pid>\d+)\s+worker\s")


class ProxyError(SiteError):
    """HAProxy does not answer, or refuses a command."""


@dataclass(frozen=True)
class Workers:
    """Process ids."""

    current: tuple[int, ...]
    """what takes new connections; empty after a reload that failed, when those of before go on"""
    old: tuple[int, ...]

    @property
    def everyone(self) -> tuple[int, ...]:
        return self.current + self.old


@dataclass(frozen=True)
class Runtime:
    path: Path
    """of the master's socket"""
    timeout: float = 5.0

    def workers(self) -> Workers:
        """Raises ProxyError when there is none."""
        found: dict[str, list[int]] = {"# workers": [], "# old workers": []}
        rows = found["# workers"]
        for line in self._ask("show proc").splitlines():
            rows = found.get(line.strip(), rows)
            if row := WORKER.match(line):
                rows.append(int(row["pid"]))
        if not any(found.values()):
            raise ProxyError("HAProxy has no worker", next_action="systemctl status haproxy.service")
        return Workers(tuple(found["# workers"]), tuple(found["# old workers"]))

    def ask(self, command: str) -> dict[int, str]:
        """What each worker answers; one that ended meanwhile is left out. Raises ProxyError when HAProxy cannot be reached."""
        answers = {pid: self._ask(f"@!{pid} {command}") for pid in self.workers().everyone}
        left = self.workers().everyone
        return {pid: answer.strip() for pid, answer in answers.items() if pid in left}

    def tell(self, command: str) -> None:
        """A command that answers nothing when it worked. Raises ProxyError with what was said."""
        for pid, said in self.ask(command).items():
            if said:
                raise ProxyError(f"HAProxy (worker {pid}) refused '{command}': {said}")

    def mark_application_up(self) -> None:
        """Send requests to the application from now on. HAProxy's next look at its health would be late: until then they have nowhere to go. Raises
        ProxyError.
        """
        self.tell(f"set server {APPLICATION} health up")

    def sessions(self, backend: str) -> int:
        """Requests or connections in `backend`, queued ones included, of all workers. Raises ProxyError when there is no such backend."""
        return sum(_sessions(answer, backend) for answer in self.ask("show stat").values())

    def transferred(self, backend: str) -> dict[str, int]:
        """Return for each session of `backend`, named by worker and id, the bytes that it has moved in both directions."""
        found: dict[str, int] = {}
        for pid, shown in self.ask("show sess all").items():
            for name, text in _described(shown):
                owner = BACKEND.search(text)
                if owner and owner["backend"] == backend:
                    found[f"{pid}/{name}"] = sum(int(row["bytes"]) for row in TOTAL.finditer(text))
        return found

    def is_idle(self, worker: int) -> bool:
        """Return whether a worker has no request and no connection at work. Kept-alive connections between requests are none."""
        shown = self._ask(f"@!{worker} show sess")
        return all(row["frontend"] == COMMAND_LINE for row in FRONTEND.finditer(shown))

    def cut(self, backend: str) -> None:
        """Ends every session of `backend`. One by one: a worker of before a reload, whose backends are stopped, refuses to end all of a server."""
        for pid, shown in self.ask("show sess").items():
            for session in SESSION.finditer(shown):
                if session["backend"] == backend:
                    self._ask(f"@!{pid} shutdown session {session['id']}")  # it may have ended meanwhile

    def _ask(self, command: str) -> str:
        """Asks again while the master begins anew, which it does at each reload: it then closes what it has not answered."""
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                # An answer has at least an empty line.
                if answer := self._exchange(command):
                    return answer
                trouble: object = "closed without an answer"
            except ConnectionError as error:
                trouble = error
            except OSError as error:
                raise self._silent(error) from error
            if time.monotonic() >= deadline:
                raise self._silent(trouble)
            time.sleep(AGAIN)

    def _exchange(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(self.timeout)
            connection.connect(str(self.path))
            connection.sendall(command.encode() + b"\n")
            connection.shutdown(socket.SHUT_WR)
            parts: list[bytes] = []
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts).decode()

    def _silent(self, trouble: object) -> ProxyError:
        return ProxyError(f"HAProxy's socket {self.path}: {trouble}", next_action="systemctl status haproxy.service")


def _described(shown: str) -> Iterator[tuple[str, str]]:
    """Id and description of each session of `show sess all`."""
    _, *parts = DETAILS.split(shown)
    yield from zip(parts[::2], parts[1::2])


def _sessions(statistics: str, backend: str) -> int:
    for row in csv.DictReader(statistics.removeprefix("# ").splitlines()):
        if row["pxname"] == backend and row["svname"] == "BACKEND":
            return int(row["scur"]) + int(row["qcur"])
    raise ProxyError(f"HAProxy has no backend {backend}")
