"""Run the ledger client where the site's users are: in the client's namespace, with the client's resolver."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.client import ledger
from rehearsal.errors import RehearsalError

STOP_SECONDS = 90
"""longer than the longest operation of a writer, so that one that hangs is in the ledger as a failure"""
PREPARE_SECONDS = 60
CHECK_SECONDS = 600
LOOK_SECONDS = 0.5


@dataclass
class Writers:
    """The client as a process. `url` and `ssh` are the site's public names; `folder` keeps the account and a folder for each run.

    `prepare` once, then any number of runs, one after the other. The account outlives a world that is set back to a moment
    after `prepare`.
    """

    namespace: str
    url: str
    ssh: str
    folder: Path
    environment: Mapping[str, str]
    run: str = field(default="", init=False)
    """the last run that was started"""
    _process: subprocess.Popen[str] | None = field(default=None, init=False)

    @property
    def ledger(self) -> Path:
        """Return the path of the last run's ledger."""
        return self.folder / self.run / "ledger.jsonl"

    def prepare(self, administrator: Mapping[str, str]) -> None:
        """Make the account. Raises RehearsalError when the site refuses."""
        self.folder.mkdir(parents=True, mode=0o700)
        done = subprocess.run(
            self._command("prepare"),
            input=json.dumps(dict(administrator)),
            capture_output=True,
            text=True,
            env=dict(self.environment),
            timeout=PREPARE_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RehearsalError(f"the ledger client could not make its account: {_read_last_line(done.stderr)}")

    def start(self, run: str = "run-1") -> None:
        """Start a run, and return when the client writes. Raises RehearsalError when it does not, or when the name of the run was used before."""
        self.run = run
        try:
            (self.folder / run).mkdir()
        except FileExistsError:
            raise RehearsalError(f"the ledger client has had a run {run!r} before; give another name") from None
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                self._command("write", "--ssh", self.ssh, "--run", run),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=dict(self.environment),
            )
        assert self._process.stdout
        if self._process.stdout.readline().strip() != "writing":
            self._process.wait(PREPARE_SECONDS)
            raise RehearsalError(
                f"the ledger client could not begin to write: {_read_last_line(self._log.read_text())}"
            )

    def stop(self) -> None:
        """Stop the client. Each writer ends its turn first, so that every operation gets its response."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                last_line = _read_last_line(self._log.read_text())
                raise RehearsalError(f"the ledger client did not stop within {STOP_SECONDS} s: {last_line}") from None
            finally:
                if self._process.stdout:
                    self._process.stdout.close()

    def wait_for_writes(self, wanted: int, seconds: float, report: Callable[[str], None]) -> None:
        """Wait until the site that has the name now has acknowledged so many writes. Raises RehearsalError after `seconds`."""
        since, end = time.time(), time.monotonic() + seconds
        while time.monotonic() < end:
            taken = sum(one.acknowledged and one.writes and one.sent > since for one in ledger.read(self.ledger))
            report(f"{taken} of {wanted} writes acknowledged")
            if taken >= wanted:
                return
            time.sleep(LOOK_SECONDS)
        raise RehearsalError(f"the new site took fewer than {wanted} writes within {seconds:.0f} s")

    def check(self) -> dict[str, Any]:
        """Look up every acknowledged write on the site that now has the name. Raises RehearsalError if that could not be done."""
        done = subprocess.run(
            self._command("check", "--run", self.run),
            capture_output=True,
            text=True,
            env=dict(self.environment),
            timeout=CHECK_SECONDS,
            check=False,
        )
        if not done.stdout.strip():
            raise RehearsalError(f"the acknowledged writes could not be looked up: {done.stderr.strip()[-300:]}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    @property
    def _log(self) -> Path:
        return self.folder / self.run / "log"

    def _command(self, verb: str, *more: str) -> list[str]:
        client = [sys.executable, "-m", "rehearsal.client", verb, "--url", self.url, "--folder", str(self.folder)]
        return ["ip", "netns", "exec", self.namespace, *client, *more]


def _read_last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no output"
