"""A push that hangs ends with its child processes, and is recorded as a failure."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from rehearsal.client import git_writer
from rehearsal.client.git_writer import GitWriter
from rehearsal.client.ledger import Ledger, read
from rehearsal.client.refusals import classify_failure
from tests.waiting import wait_until

HANGING_SSH = '#!/bin/sh\necho "Authenticated to nobody" >&2\necho $$ >"${0%/*}/pid"\nexec sleep infinity\n'


def test_a_push_that_hangs_is_ended_and_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_writer, "PUSH_TIMEOUT_SECONDS", 2)
    ssh = tmp_path / "bin/ssh"
    ssh.parent.mkdir()
    ssh.write_text(HANGING_SSH)
    ssh.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{ssh.parent}:{os.environ['PATH']}")
    ledger = Ledger(tmp_path / "ledger.jsonl", describe=classify_failure)
    writer = GitWriter(
        ledger=ledger,
        kind="push-ssh",
        remote="ssh://git@ssh.example.com:2222/a/b.git",
        branch="run-1",
        tree=tmp_path / "tree",
        credentials=tmp_path / "credentials",
        ssh_key=tmp_path / "key",
    )

    writer.take_turn()
    ledger.close()

    (operation,) = read(tmp_path / "ledger.jsonl")
    assert not operation.acknowledged
    assert "no end after 2 s" in (operation.reason or "")
    assert "Authenticated to nobody" in (operation.reason or "")
    hanging = (ssh.parent / "pid").read_text().strip()
    wait_until(lambda: not is_running(hanging), "the end of the child process of git")


def is_running(process_id: str) -> bool:
    """Return whether the process runs. One that has ended has no command line, even if nobody has waited for it yet."""
    try:
        return bool(Path("/proc", process_id, "cmdline").read_text())
    except FileNotFoundError:
        return False
