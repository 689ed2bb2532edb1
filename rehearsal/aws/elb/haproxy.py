"""Run one load balancer as an HAProxy in a namespace."""

from __future__ import annotations

import csv
import signal
import socket
import subprocess
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from io import StringIO
from pathlib import Path

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from rehearsal.aws.elb.haproxy_config import render
from rehearsal.aws.elb.models import Health, Listener, TargetGroup
from rehearsal.errors import RehearsalError

START_SECONDS = 10.0
STOP_SECONDS = 35.0


class Balancer:
    """HAProxy in `namespace`, its files in `folder` (made here; names of sockets are limited to about 100 characters).

    A new target gets no traffic before its health check has passed. A change takes effect without ending connections.
    """

    def __init__(self, *, namespace: str, folder: Path) -> None:
        self._namespace, self._folder = namespace, folder
        self._config, self._socket, self._states = folder / "haproxy.cfg", folder / "haproxy.sock", folder / "states"
        self._process: subprocess.Popen[bytes] | None = None
        self._known: set[str] = set()
        self._applied = ""
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def apply(self, listeners: Iterable[Listener], groups: Sequence[TargetGroup]) -> None:
        """Run what is described; nothing happens when that runs already. Raises RehearsalError when HAProxy refuses it."""
        text = render(listeners, groups, socket=self._socket, states=self._states)
        with self._lock:
            if text == self._applied and self._process and self._process.poll() is None:
                return
            running = self._process is not None and self._process.poll() is None
            self._states.write_text(self._ask("show servers state") if running else "1\n")
            self._config.write_text(text)
            self._verify()
            if running:
                self._reload()
            else:
                self._start()
            servers = {f"{group.name}/{target.id}:{target.port}" for group in groups for target in group.targets}
            for server in sorted(servers - self._known if running else servers):
                self._ask(f"set server {server} health down")
            self._known, self._applied = servers, text

    def read_health(self, group: str) -> dict[str, Health]:
        """Return the health of each target by its id. Empty when the balancer does not run."""
        with self._lock:
            if not self._process or self._process.poll() is not None:
                return {}
            text = self._ask("show stat").removeprefix("# ")
        found = {}
        for row in csv.DictReader(StringIO(text)):
            if row["pxname"] == group and row["svname"] not in ("BACKEND", "FRONTEND"):
                checked = row["check_status"] and not row["check_status"].startswith(("*", "INI"))
                why = " ".join(part for part in (row["check_status"], row["check_code"], row["last_chk"]) if part)
                # HAProxy's check_status begins with: L4TOUT, L7STS, L7OK …
                found[row["svname"].split(":")[0]] = Health(row["status"].startswith("UP") if checked else None, why)
        return found

    def stop(self) -> None:
        """Stop it, which ends every connection. Does nothing when it does not run."""
        with self._lock:
            if self._process and self._process.poll() is None:
                self._process.terminate()
                try:
                    self._process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
            self._process, self._known, self._applied = None, set(), ""

    def _start(self) -> None:
        self._socket.unlink(missing_ok=True)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["ip", "netns", "exec", self._namespace, "haproxy", "-W", "-f", str(self._config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_served()

    def _reload(self) -> None:
        assert self._process
        before = self._find_worker()
        self._process.send_signal(signal.SIGUSR2)
        self._wait_served(other_than=before)

    def _verify(self) -> None:
        done = subprocess.run(
            ["haproxy", "-c", "-q", "-f", str(self._config)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RehearsalError(f"HAProxy refuses the balancer {self._folder.name}: {done.stderr.strip()[-400:]}")

    @retry(
        retry=retry_if_exception_type((OSError, LookupError)),
        stop=stop_after_delay(START_SECONDS),
        wait=wait_fixed(0.05),
        reraise=True,
    )
    def _wait_served(self, other_than: str | None = None) -> None:
        assert self._process
        if self._process.poll() is not None:
            raise RehearsalError(f"the balancer {self._folder.name} ended: see {self._folder / 'log'}")
        if self._find_worker() == other_than:
            raise LookupError("the old worker still serves")

    def _find_worker(self) -> str:
        lines = self._ask("show info").splitlines()
        return next(line for line in lines if line.startswith("Pid:"))

    def _ask(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5.0)
            connection.connect(str(self._socket))
            connection.sendall(f"{command}\n".encode())
            response = bytearray()
            with suppress(ConnectionResetError):
                while part := connection.recv(65536):
                    response += part
        return response.decode()
