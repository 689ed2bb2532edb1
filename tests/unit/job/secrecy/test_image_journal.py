"""A damaged journal is an error, although journalctl exits with status 0."""

import shutil
from pathlib import Path

import pytest

from rehearsal.errors import RehearsalError
from rehearsal.job.secrecy.image_journal import read_journal

pytestmark = pytest.mark.skipif(shutil.which("journalctl") is None, reason="this host has no journalctl")


def test_a_damaged_journal_file_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 32)
    folder.mkdir()
    (folder / "system.journal").write_bytes(b"garbage" * 10_000)
    with pytest.raises(RehearsalError, match="could not be read completely"):
        list(read_journal(tmp_path))
