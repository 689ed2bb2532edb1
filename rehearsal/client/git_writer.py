"""Write commits to the site as a developer does: commit and push, by HTTP or by SSH."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from rehearsal.client.ledger import Ledger
from rehearsal.client.refusals import GitFailed
from rehearsal.client.retries import write

PUSH_TIMEOUT_SECONDS = 60
PATIENCE_SECONDS = 30
"""longer than the proxy holds a write. git and OpenSSH wait without a limit by default"""


class GitWriter:
    """Commits one small file a turn and pushes it to `branch`, which must be new on the site.

    A push that is refused leaves the commit here; the next one carries it too.
    """

    def __init__(
        self, *, ledger: Ledger, kind: str, remote: str, branch: str, tree: Path, credentials: Path, ssh_key: Path
    ) -> None:
        self._ledger, self._kind, self._branch, self._tree = ledger, kind, branch, tree
        self._host = urlsplit(remote).hostname or ""
        self._trace = tree.with_name(f"{tree.name}.trace")
        self._turn = 0
        self._environment = {
            **os.environ,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_SSH_COMMAND": f"ssh -i {ssh_key} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes"
            f" -o ConnectTimeout={PATIENCE_SECONDS} -o BatchMode=yes -o LogLevel=VERBOSE -F none",
            # Headers only, and git leaves credentials out.
            "GIT_TRACE_CURL": str(self._trace),
            "GIT_TRACE_CURL_NO_DATA": "1",
        }
        tree.mkdir()
        self._run_git("init", "-q", "-b", branch)
        for key, value in (
            ("user.name", "Ledger"),
            ("user.email", "ledger@example.com"),
            ("credential.helper", f"store --file {credentials}"),
            ("http.lowSpeedLimit", "1"),
            ("http.lowSpeedTime", str(PATIENCE_SECONDS)),
        ):
            self._run_git("config", key, value)
        self._run_git("remote", "add", "origin", remote)

    def take_turn(self) -> None:
        """Commit one file and push it."""
        self._turn += 1
        (self._tree / f"{self._turn:06}.txt").write_text(f"{self._branch} {self._kind} {self._turn}\n")
        self._run_git("add", ".")
        self._run_git("commit", "-qm", f"{self._branch} {self._kind} {self._turn}")
        wanted = {"commit": self._run_git("rev-parse", "HEAD").strip()}
        write(self._ledger, self._kind, self._host, wanted, lambda _: self._push())

    def _push(self) -> None:
        self._run_git("push", "-q", "origin", self._branch)

    def _run_git(self, *arguments: str) -> str:
        """Return the output of a Git command. Raises GitFailed."""
        self._trace.unlink(missing_ok=True)
        process = subprocess.Popen(
            ["git", *arguments],
            cwd=self._tree,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            output, errors = process.communicate(timeout=PUSH_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # ssh too, which keeps the pipes open
            _, errors = process.communicate()
            raise GitFailed(arguments[0], f"no end after {PUSH_TIMEOUT_SECONDS} s: {errors}") from None
        if process.returncode:
            lines = [line for line in errors.splitlines() if not line.startswith("Warning: Permanently added")]
            trace = self._trace.read_text(errors="replace") if self._trace.exists() else ""
            raise GitFailed(arguments[0], "\n".join(lines), trace)
        return output
