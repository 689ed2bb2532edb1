"""Runs the ledger client where the site's users are: in the client's namespace, with the client's resolver."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.errors import RehearsalError

STOP_SECONDS = 60
PREPARE_SECONDS = 60


@dataclass
class Writers:
    """The client as a process. `url` and `ssh` are the site's public names; `folder` keeps ledger, account and log."""

    namespace: str
    url: str
    ssh: str
    folder: Path
    environment: Mapping[str, str]
    _process: subprocess.Popen[str] | None = field(default=None, init=False)

    def start(self, administrator: Mapping[str, str]) -> None:
        """Returns when the client writes. Raises RehearsalError when the site does not take it."""
        self.folder.mkdir(parents=True, mode=0o700)
        with (self.folder / "log").open("w") as log:
            self._process = subprocess.Popen(
                self._command("write", "--ssh", self.ssh),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=dict(self.environment),
            )
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(dict(administrator)))
        self._process.stdin.close()
        if self._process.stdout.readline().strip() != "writing":
            self._process.wait(PREPARE_SECONDS)
            raise RehearsalError(f"the ledger client could not begin to write: {self._last_line()}")

    def stop(self) -> None:
        """Each writer ends its turn first, so that nothing is left without an answer."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise RehearsalError(
                    f"the ledger client did not stop within {STOP_SECONDS} s: {self._last_line()}"
                ) from None
            finally:
                if self._process.stdout:
                    self._process.stdout.close()

    def check(self) -> dict[str, Any]:
        """Looks every acknowledged write up on the site that now has the name. Raises RehearsalError if that could not be done."""
        done = subprocess.run(
            self._command("check"), capture_output=True, text=True, env=dict(self.environment), timeout=600, check=False
        )
        if not done.stdout.strip():
            raise RehearsalError(f"the acknowledged writes could not be looked up: {done.stderr.strip()[-300:]}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def _command(self, verb: str, *more: str) -> list[str]:
        client = [
            sys.executable,
            "-m",
            "rehearsal.client",
            verb,
            "--url",
            self.url,
            "--folder",
            str(self.folder),
            *more,
        ]
        return ["ip", "netns", "exec", self.namespace, *client]

    def _last_line(self) -> str:
        lines = (self.folder / "log").read_text().strip().splitlines()
        return lines[-1] if lines else "it said nothing"
