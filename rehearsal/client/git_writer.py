"""A developer who commits and pushes, by HTTP or by SSH."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from rehearsal.client.ledger import Ledger

PUSH_TIMEOUT_SECONDS = 30


class GitWriter:
    """Commits one small file a turn and pushes it. A push that is refused leaves the commit here; the next one carries it too."""

    def __init__(self, *, ledger: Ledger, kind: str, remote: str, tree: Path, credentials: Path, ssh_key: Path) -> None:
        self._ledger, self._kind, self._tree = ledger, kind, tree
        self._turn = 0
        self._environment = {
            **os.environ,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_SSH_COMMAND": f"ssh -i {ssh_key} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes"
            " -o ConnectTimeout=5 -o BatchMode=yes -F none",
        }
        tree.mkdir()
        self._git("init", "-q", "-b", "master")
        for key, value in (
            ("user.name", "Ledger"),
            ("user.email", "ledger@example.com"),
            ("credential.helper", f"store --file {credentials}"),
            ("http.lowSpeedLimit", "1"),
            ("http.lowSpeedTime", "10"),
        ):
            self._git("config", key, value)
        self._git("remote", "add", "origin", remote)

    def turn(self) -> None:
        self._turn += 1
        (self._tree / f"{self._turn:06}.txt").write_text(f"{self._kind} {self._turn}\n")
        self._git("add", ".")
        self._git("commit", "-qm", f"{self._kind} {self._turn}")
        with self._ledger.operation(self._kind) as operation:
            operation.wanted = {"commit": self._git("rev-parse", "HEAD").strip()}
            self._git("push", "-q", "origin", "master")
            operation.acknowledged = True

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self._tree,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=PUSH_TIMEOUT_SECONDS,
            check=False,
        )
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if not line.startswith("Warning: Permanently added")]
            raise RuntimeError(f"git {arguments[0]}: " + " ".join(said)[-250:])
        return done.stdout
