"""A lock of this machine makes two processes go one after another, and ends with its process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cutover_site.system.locks import hold_lock

HOLD = """
import sys, time
from pathlib import Path
from cutover_site.system.locks import hold_lock
with hold_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def start(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )


def test_a_second_process_waits_until_the_first_has_ended(tmp_path: Path) -> None:
    first, second = None, None
    try:
        with hold_lock(tmp_path / "new/lock"):
            first = start(tmp_path / "new/lock")
            assert first.stdout
            assert first.poll() is None
        assert first.stdout.readline() == "held\n"
        second = start(tmp_path / "new/lock")
        assert second.stdout
        first.kill()  # it cannot release the lock itself
        assert second.stdout.readline() == "held\n"
    finally:
        for process in filter(None, (first, second)):
            process.kill()
            process.communicate()
