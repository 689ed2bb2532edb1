"""Handle control commands of tests: `<home>/dms/control`, a socket of one JSON line in each direction. `python -m rehearsal.dms` is its client.

{"order": "status"}                                                       tasks with their states, process ids and latencies
{"order": "fail", "task": T, "message": M}                                the task fails with this LastFailureMessage
{"order": "lag", "task": T, "seconds": N}                                 changes wait N seconds before they are applied; 0 ends it
{"order": "table-error", "task": T, "schema": S, "table": N, "message": M} the table ends in `Table error`
{"order": "halt", "task": T}                                              the engine ends at once, the task is stopped and can be resumed
A task is named by its identifier or ARN. Responds {"ok": true, …} or {"ok": false, "reason": …}.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import socketserver
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rehearsal.dms.engines import Engines
from rehearsal.dms.models import State, Task

_log = logging.getLogger(__name__)
SOCKET = "control"
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "halt": (),
    "fail": ("message",),
    "lag": ("seconds",),
    "table-error": ("schema", "table", "message"),
}


class CommandRejected(Exception):
    """The command cannot be executed. The message gives the reason."""


class Control:
    """Executes control commands, and listens for them on a socket."""

    def __init__(self, state: State, engines: Engines, folder: Path) -> None:
        self._state, self._engines, self._folder = state, engines, folder
        self._server: socketserver.ThreadingUnixStreamServer | None = None

    def handle(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Execute one command and return its result. Raises CommandRejected."""
        kind = str(order.get("order"))
        if kind == "status":
            return {"tasks": self._list_statuses()}
        if kind not in _FIELDS:
            raise CommandRejected(f"unknown order {kind!r}: one of status, {', '.join(_FIELDS)}")
        if missing := [name for name in ("task", *_FIELDS[kind]) if name not in order]:
            raise CommandRejected(f"{kind} needs {', '.join(missing)}")
        with self._state.lock:
            task = self._find(str(order["task"]))
        if kind == "halt":
            self._engines.halt(task)
            return {"task": task.id}
        with self._state.lock:
            if not self._engines.send_command(task, kind, **{name: order[name] for name in _FIELDS[kind]}):
                raise CommandRejected(f"task {task.id} does not run: it is {task.status}")
        return {"task": task.id}

    def _find(self, name: str) -> Task:
        for task in self._state.tasks.values():
            if name in (task.id, task.arn):
                return task
        raise CommandRejected(f"no task {name}")

    def _list_statuses(self) -> list[dict[str, Any]]:
        self._engines.refresh()
        with self._state.lock:
            return [
                {
                    "task": task.id,
                    "arn": task.arn,
                    "status": task.status,
                    "failure": task.failure,
                    "pid": self._engines.find_process_id(task),
                    "latency_source": task.report.get("latency_source"),
                    "latency_target": task.report.get("latency_target"),
                }
                for task in self._state.tasks.values()
            ]

    def start(self) -> None:
        """Listen. A socket address has at most 108 characters, so the address uses the descriptor of the folder, and its path may be longer."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / SOCKET).unlink(missing_ok=True)
        control = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(json.dumps(control._respond(self.rfile.readline())).encode() + b"\n")

        folder = os.open(self._folder, os.O_DIRECTORY)
        try:
            self._server = socketserver.ThreadingUnixStreamServer(f"/proc/self/fd/{folder}/{SOCKET}", Handler)
        finally:
            os.close(folder)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="dms-control", daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            (self._folder / SOCKET).unlink(missing_ok=True)
            self._server = None

    def _respond(self, line: bytes) -> dict[str, Any]:
        try:
            return {"ok": True, **self.handle(json.loads(line))}
        except CommandRejected as error:
            return {"ok": False, "reason": str(error)}
        except (ValueError, AttributeError):
            return {"ok": False, "reason": "one JSON object is expected"}


def send_command(folder: Path, message: Mapping[str, Any]) -> dict[str, Any]:
    """Send a control command to the world whose DMS has this folder. Raises OSError when no DMS listens there."""
    descriptor = os.open(folder, os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(f"/proc/self/fd/{descriptor}/{SOCKET}")
            connection.sendall(json.dumps(message).encode() + b"\n")
            with connection.makefile() as responses:
                found: dict[str, Any] = json.loads(responses.readline())
                return found
    finally:
        os.close(descriptor)
