"""The archive has the structure of a release's archive, and each build has the same bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from pathlib import Path

from rehearsal.gogs.build import build


def test_two_builds_have_the_same_bytes_and_run(tmp_path: Path) -> None:
    first = build(tmp_path / "first.tar.gz")
    command = [sys.executable, "-m", "rehearsal.gogs", "build", str(tmp_path / "second.tar.gz")]
    second = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "1"}
    )
    assert second.stdout.strip() == first == hashlib.sha256((tmp_path / "second.tar.gz").read_bytes()).hexdigest()

    # And the archive has one folder with one executable, as a release has
    with tarfile.open(tmp_path / "first.tar.gz") as tar:
        assert [(member.name, member.mode) for member in tar] == [("gogs", 0o755), ("gogs/gogs", 0o755)]
        tar.extractall(tmp_path, filter="data")
    said = subprocess.run(
        [sys.executable, "-IS", str(tmp_path / "gogs/gogs"), "--version"], capture_output=True, text=True, check=True
    )
    assert said.stdout == "Gogs version 0.14.3\n"
