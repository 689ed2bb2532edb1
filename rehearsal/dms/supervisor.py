"""Run a task's engine: one process, which is started again when it dies. Its process id is on disk, so that a test can kill it."""

from __future__ import annotations

import itertools
import json
import logging
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rehearsal.dms.tools import command

_log = logging.getLogger(__name__)
Json = dict[str, Any]
MOST_CRASHES, CRASH_SECONDS = 5, 60.0
_AGAIN_SECONDS = 0.5
CLOSE_SECONDS = 10.0


class Supervisor:
    """Starts, restarts and stops the engine of one task.

    `popen` starts the process where it belongs; `work` returns the job for each start (with `start` type), because it holds
    passwords. `on_event` gets the engine's events ("running", "stopped", "failed"), on a thread of the supervisor's.
    """

    def __init__(
        self,
        *,
        popen: Callable[[list[str], Path], subprocess.Popen[bytes]],
        work: Callable[[str], Json],
        on_event: Callable[[Json], None],
        folder: Path,
        log: Path,
    ) -> None:
        self._popen, self._work, self._on_event, self._log_path = popen, work, on_event, log
        self._pid = folder / "engine.pid"
        self._process: subprocess.Popen[bytes] | None = None
        self._writing = threading.Lock()
        self._numbers = itertools.count(1)
        self._responses: dict[int, Json] = {}
        self._responded = threading.Condition()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._faults: dict[str, Json] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, kind: str) -> None:
        """Start the engine, and again after each recoverable failure."""
        self._thread = threading.Thread(target=self._run, args=(kind,), name="dms-engine", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """Return the process id; None when it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def send_command(self, order: str, **values: Any) -> bool:
        """Send a command; return whether a running engine got it."""
        if order == "lag":  # also for the engine that may be started after this one
            self._faults[order] = {"command": order, **values}
        return self._send({"command": order, **values})

    def request_report(self, seconds: float = 2.0) -> Json | None:
        """Return the engine's report; None when it does not run or does not respond."""
        number = next(self._numbers)
        if not self._send({"command": "report", "id": number}):
            return None
        with self._responded:
            self._responded.wait_for(lambda: number in self._responses or self.pid is None, seconds)
            return self._responses.pop(number, None)

    def close(self) -> None:
        """End the engine at once; it can go on from its checkpoint later. Nothing is on_event after that."""
        self._closed.set()
        self._kill()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)
        self._pid.unlink(missing_ok=True)

    def _kill(self) -> None:
        process = self._process
        if process is not None:
            process.kill()
            process.wait()

    def _run(self, kind: str) -> None:
        crashes: list[float] = []
        while not self._closed.is_set():
            try:
                ended, running = self._run_once(kind)
            except Exception as error:  # noqa: BLE001  no credentials, no namespace: the task has failed with this reason
                _log.warning("the engine cannot be started: %s", error)
                self._on_event({"event": "failed", "message": str(error)})
                return
            if ended or self._closed.is_set():
                return
            crashes = [*(t for t in crashes if time.monotonic() - t < CRASH_SECONDS), time.monotonic()]
            if len(crashes) >= MOST_CRASHES:
                self._on_event(
                    {"event": "failed", "message": f"The replication engine ended {len(crashes)} times: see its log"}
                )
                return
            kind = "resume-processing" if running else kind
            _log.warning("an engine ended unexpectedly and is started again (%s)", kind)
            self._closed.wait(_AGAIN_SECONDS)

    def _run_once(self, kind: str) -> tuple[bool, bool]:
        """Run one process from start to end. Return whether it ended without an error, and whether it had begun its work."""
        work = self._work(kind)
        process = self._popen(command("run"), self._log_path)
        self._pid.write_text(f"{process.pid}\n")
        # Before other threads can send anything: the job must be the first message.
        self._write(process, work)
        self._process = process
        if self._closed.is_set():  # while it was started
            self._kill()
        for fault in list(self._faults.values()):
            self._send(fault)
        ended = running = False
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "report":
                with self._responded:
                    self._responses[event["id"]] = event
                    self._responded.notify_all()
                continue
            running = running or event["event"] == "running"
            ended = ended or event["event"] in ("stopped", "failed")
            if not ended:
                self._on_event(event)
            else:
                last = event
        process.stdout.close()
        self._close_input(process)
        process.wait()
        self._pid.unlink(missing_ok=True)
        with self._responded:
            self._responded.notify_all()
        if ended:
            self._on_event(last)  # only now, because a task that is reported as stopped must have no process
        return ended, running

    def _send(self, message: Mapping[str, Any]) -> bool:
        process = self._process
        return process is not None and process.poll() is None and self._write(process, message)

    def _write(self, process: subprocess.Popen[bytes], message: Mapping[str, Any]) -> bool:
        """Write a message to the process. Return whether that succeeded."""
        if process.stdin is None:
            return False
        with self._writing:
            try:
                process.stdin.write(json.dumps(message).encode() + b"\n")
                process.stdin.flush()
            except (BrokenPipeError, ValueError):
                return False
        return True

    def _close_input(self, process: subprocess.Popen[bytes]) -> None:
        with self._writing:
            try:
                if process.stdin is not None:
                    process.stdin.close()
            except BrokenPipeError:
                return
