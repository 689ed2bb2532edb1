"""HAProxy's runtime API, through its master process, which addresses each worker by its process id.

After a reload the former worker still handles its requests, in its own copy of the mode. So every command and count includes it.
"""

from __future__ import annotations

import csv
import re
import socket
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from cutover_site.errors import SiteError

RETRY_INTERVAL_SECONDS = 0.05
SESSION = re.compile(r"^(?P<id>0x[0-9a-f]+): .*\bbe=(?P<backend>\S+) ", re.MULTILINE)
DETAILS = re.compile(r"^(?P<id>0x[0-9a-f]+): ", re.MULTILINE)
"""first line of a session in `show sess all`; the lines that describe it are indented"""
BACKEND = re.compile(r"^\s+backend=(?P<backend>\S+) ", re.MULTILINE)
NUMBER = re.compile(r"\bid=(?P<number>\d+) ")
"""HAProxy numbers the sessions of a worker; their addresses are used again"""
TOTAL = re.compile(r"^\s+re[qs]=.*\btotal=(?P<bytes>\d+)\)", re.MULTILINE)
TASK_AGE = re.compile(r"^\s+task=.*\bage=(?P<age>\w+)\)", re.MULTILINE)
AGE = re.compile(r"(\d+)([dhms])")
UNIT_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
RUNTIME_API_FRONTEND = "GLOBAL"
FRONTEND = re.compile(r"^0x[0-9a-f]+: .*\bfe=(?P<frontend>\S+) ", re.MULTILINE)
APPLICATION_SERVER = "application_reads/application"
"""name in haproxy.cfg; the server for writes shares its health"""
WORKER = re.compile(r"^(?P<pid>\d+)\s+worker\s")
NO_RESPONSE = ("Can't connect to the target CLI!", "Can't find the target PID")
"""The beginning of what the master returns when a worker cannot be reached: during a reload, or after its end (HAProxy 2.6, src/cli.c)."""


class ProxyError(SiteError):
    """HAProxy does not respond, or refuses a command."""


@dataclass(frozen=True)
class Workers:
    """The process ids of HAProxy's workers."""

    current: tuple[int, ...]
    """those that take new connections; empty after a failed reload, when the former ones go on"""
    former: tuple[int, ...]
    """those of an earlier configuration, which only finish what they have"""

    @property
    def everyone(self) -> tuple[int, ...]:
        """Return all workers."""
        return self.current + self.former


@dataclass(frozen=True)
class Runtime:
    """The runtime API at the master's socket."""

    path: Path
    timeout: float = 5.0
    """seconds per command"""

    def list_workers(self) -> Workers:
        """Return the workers. Raises ProxyError when there is none."""
        found: dict[str, list[int]] = {"# workers": [], "# old workers": []}
        rows = found["# workers"]
        for line in self._send("show proc").splitlines():
            rows = found.get(line.strip(), rows)
            if row := WORKER.match(line):
                rows.append(int(row["pid"]))
        if not any(found.values()):
            raise ProxyError("HAProxy has no worker", next_action="systemctl status haproxy.service")
        return Workers(tuple(found["# workers"]), tuple(found["# old workers"]))

    def query(self, command: str) -> dict[int, str]:
        """Return each worker's response to a command, without workers that ended meanwhile. Raises ProxyError when HAProxy cannot be reached."""
        responses = {pid: self._query_worker(pid, command) for pid in self.list_workers().everyone}
        left = self.list_workers().everyone
        return {pid: response for pid, response in responses.items() if pid in left and response is not None}

    def run_command(self, command: str) -> None:
        """Run a command that prints nothing when it succeeds, in each worker. Raises ProxyError with the text that it printed."""
        for pid, output in self.query(command).items():
            if output:
                raise ProxyError(f"HAProxy (worker {pid}) refused '{command}': {output}")

    def mark_application_up(self) -> None:
        """Send requests to the application from now on. Raises ProxyError.

        Without this HAProxy would refuse requests until its next health check.
        """
        self.run_command(f"set server {APPLICATION_SERVER} health up")

    def count_sessions(self, backend: str) -> int:
        """Return the requests or connections in `backend`, including queued ones, of all workers. Raises ProxyError for an unknown backend."""
        return sum(_count_sessions(statistics, backend) for statistics in self.query("show stat").values())

    def read_transferred(self, backend: str) -> dict[str, int]:
        """Return the bytes that each session of `backend` has moved in both directions, by worker and session id."""
        found: dict[str, int] = {}
        for pid, output in self.query("show sess all").items():
            for name, text in _split_sessions(output):
                owner = BACKEND.search(text)
                if owner and owner["backend"] == backend:
                    found[f"{pid}/{name}"] = sum(int(row["bytes"]) for row in TOTAL.finditer(text))
        return found

    def list_sessions(self, backends: Collection[str]) -> dict[str, int]:
        """Return the age in seconds of each session of these backends, by a name that no later session has.

        The age of a request on a kept-alive connection counts from the end of the former response.
        """
        found: dict[str, int] = {}
        for pid, output in self.query("show sess all").items():
            for _, text in _split_sessions(output):
                owner, number, age = BACKEND.search(text), NUMBER.search(text), TASK_AGE.search(text)
                if owner and number and age and owner["backend"] in backends:
                    found[f"{pid}/{number['number']}"] = parse_age(age["age"])
        return found

    def is_idle(self, worker: int) -> bool:
        """Return whether a worker runs without a request and a TCP connection. A kept-alive HTTP connection between two requests does not count."""
        output = self._query_worker(worker, "show sess")
        return output is not None and all(row["frontend"] == RUNTIME_API_FRONTEND for row in FRONTEND.finditer(output))

    def close_sessions(self, backend: str) -> None:
        """Close every session of `backend`, one by one: a former worker, whose backends are stopped, refuses to close all of a server's."""
        for pid, output in self.query("show sess").items():
            for session in SESSION.finditer(output):
                if session["backend"] == backend:
                    self._query_worker(pid, f"shutdown session {session['id']}")  # it may have ended meanwhile

    def _query_worker(self, pid: int, command: str) -> str | None:
        """Return the response of a worker, None when the worker has ended. Raises ProxyError while the master cannot reach it, after `timeout`.

        The master cannot reach a worker for a moment at a reload. Its message is no response: it would look like a worker without sessions.
        """
        deadline = time.monotonic() + self.timeout
        while (response := self._send(f"@!{pid} {command}").strip()).startswith(NO_RESPONSE):
            if pid not in self.list_workers().everyone:
                return None
            if time.monotonic() >= deadline:
                raise self._build_error(f"worker {pid} does not respond ({response})")
            time.sleep(RETRY_INTERVAL_SECONDS)
        return response

    def _send(self, command: str) -> str:
        """Return the response to a command. Retries while the master restarts, which it does at each reload and which closes its connections."""
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                # A complete response has at least an empty line.
                if response := self._exchange(command):
                    return response
                reason: object = "closed without a response"
            except ConnectionError as error:
                reason = error
            except OSError as error:
                raise self._build_error(error) from error
            if time.monotonic() >= deadline:
                raise self._build_error(reason)
            time.sleep(RETRY_INTERVAL_SECONDS)

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

    def _build_error(self, reason: object) -> ProxyError:
        return ProxyError(f"HAProxy's socket {self.path}: {reason}", next_action="systemctl status haproxy.service")


def parse_age(text: str) -> int:
    """Return the seconds of an age as HAProxy prints it: `5s`, `1m2s`. Raises ProxyError for another text."""
    if not (parts := AGE.findall(text)):
        raise ProxyError(f"HAProxy's age of a session cannot be read: {text!r}")
    return sum(int(number) * UNIT_SECONDS[unit] for number, unit in parts)


def _split_sessions(output: str) -> Iterator[tuple[str, str]]:
    """Yield id and description of each session of `show sess all`."""
    _, *parts = DETAILS.split(output)
    yield from zip(parts[::2], parts[1::2])


def _count_sessions(statistics: str, backend: str) -> int:
    for row in csv.DictReader(statistics.removeprefix("# ").splitlines()):
        if row["pxname"] == backend and row["svname"] == "BACKEND":
            return int(row["scur"])  # qcur, the queued ones, are among them
    raise ProxyError(f"HAProxy has no backend {backend}")
