"""The supervisor of one engine, with a script instead of the engine."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from rehearsal.dms.supervisor import Supervisor
from tests.waiting import wait_until

FIRST = """
import json, sys
first = json.loads(sys.stdin.readline())
print(json.dumps({"event": "stopped", "reason": first.get("command", "the job came first")}), flush=True)
"""


def test_the_job_is_the_first_message_although_a_report_is_requested_before(tmp_path: Path) -> None:
    # Given an engine that has been started and has no job yet: the file of its id is a pipe, which waits for a reader
    os.mkfifo(tmp_path / "engine.pid")
    events: list[dict[str, Any]] = []
    started = threading.Event()

    def start(_words: list[str], _log: Path) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", FIRST], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.set()
        return process

    supervisor = Supervisor(
        popen=start,
        work=lambda kind: {"start": kind},
        on_event=events.append,
        folder=tmp_path,
        log=tmp_path / "log",
    )
    supervisor.start("start-replication")
    # When somebody requests reports
    assert started.wait(10)
    for _ in range(5):
        assert supervisor.request_report(0.1) is None
        time.sleep(0.05)
    # Then the engine gets its job first
    assert int((tmp_path / "engine.pid").read_text()) > 0
    wait_until(lambda: bool(events))
    assert events == [{"event": "stopped", "reason": "the job came first"}]
    supervisor.close()
