"""An engine process under test. The test uses the protocol of the supervisor."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rehearsal.dms import task_settings

Json = dict[str, Any]
WITHOUT_FOREIGN_KEYS = "SET FOREIGN_KEY_CHECKS=0"
"""first statement of each session at the target, as the product's endpoint has it"""


def build_job(source: Json, target: Json, *schemas: str, start: str = "start-replication", **changes: Any) -> Json:
    """Return a job that replicates whole schemas with the settings of the product. `settings` overrides some of
    them.
    """
    rules = [
        {"rule-type": "selection", "rule-id": str(n), "rule-name": s,
         "object-locator": {"schema-name": s, "table-name": "%"},
         "rule-action": "include"}
        for n, s in enumerate(schemas, 1)
    ]  # fmt: skip
    settings = {
        "TargetMetadata": {"FullLobMode": True, "LimitedSizeLobMode": False},
        "FullLoadSettings": {"TargetTablePrepMode": "TRUNCATE_BEFORE_LOAD"},
        "ValidationSettings": {"EnableValidation": True},
        **changes.pop("settings", {}),
    }
    return {
        "task": "TASK",
        "source": source,
        "target": {"init_statement": WITHOUT_FOREIGN_KEYS, **target},
        "start": start,
        "migration": "full-load-and-cdc",
        "mappings": json.dumps({"rules": rules}),
        "settings": task_settings.complete(json.dumps(settings)),
        "server_id": 4711,
        **changes,
    }


class Engine:
    def __init__(self, work: Json, log: Path) -> None:
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rehearsal.dms.engine", "run"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        self._events: queue.Queue[Json] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._send(work)
        self._number = 0

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._events.put(json.loads(line))
        self.process.stdout.close()
        self._events.put({"event": "failed", "message": "the process ended"})

    def _send(self, message: Json) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def send_command(self, command: str, **values: Any) -> None:
        self._send({"command": command, **values})

    def wait(self, event: str, seconds: float = 60.0) -> Json:
        """Wait for the next event of this kind and return it."""
        deadline = time.monotonic() + seconds
        while True:
            found = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            if found["event"] == event:
                return found
            if found["event"] in ("failed", "stopped"):
                raise AssertionError(f"the engine ended: {found}")

    def wait_failed(self, seconds: float = 60.0) -> Json:
        """Wait until the task has failed and return that event. Ignore the events before it."""
        deadline = time.monotonic() + seconds
        while (found := self._events.get(timeout=max(0.0, deadline - time.monotonic())))["event"] != "failed":
            assert found["event"] != "stopped", found
        return found

    def report(self) -> Json:
        self._number += 1
        self.send_command("report", id=self._number)
        return self.wait("report")

    def read_table(self, name: str) -> Json:
        """Return the current report of a table. It is empty before the engine has read its tables."""
        unknown: Json = {"state": "", "reason": "", "counters": {}, "validation": {}}
        return next((table for table in self.report()["tables"] if table["table"] == name), unknown)

    def wait_until(self, condition: Callable[[Json], bool], seconds: float = 60.0) -> Json:
        """Wait until the condition is true for a report, and return the report."""
        deadline = time.monotonic() + seconds
        while not condition(found := self.report()):
            assert time.monotonic() < deadline, f"the condition never became true: {found}"
            time.sleep(0.05)
        return found

    def stop(self) -> Json:
        self.send_command("stop")
        found = self.wait("stopped")
        self.close()
        return found

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self._close_input()

    def close(self) -> None:
        if self.process.poll() is None:
            self._close_input()
        self.process.wait(20)
        self._close_input()

    def _close_input(self) -> None:
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        if self.process.poll() is not None:
            self._reader.join(10)
