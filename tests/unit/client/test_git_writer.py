"""A push that hangs ends with its child processes, and is recorded as a failure."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from rehearsal.client import git_writer
from rehearsal.client.git_writer import GitWriter
from rehearsal.client.ledger import Ledger, read
from rehearsal.client.refusals import classify_failure

HANGING_SSH = '#!/bin/sh\necho "Authenticated to nobody" >&2\nsleep 300\n'


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
    began = time.monotonic()

    writer.take_turn()
    ledger.close()

    (operation,) = read(tmp_path / "ledger.jsonl")
    assert not operation.acknowledged
    assert "no end after 2 s" in (operation.reason or "")
    assert "Authenticated to nobody" in (operation.reason or "")
    assert time.monotonic() - began < 60, "the writer waited for a child process of git"
