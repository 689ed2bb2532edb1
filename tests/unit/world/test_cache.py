"""The cache keeps whole things only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rehearsal.world.cache import digest, folder_digest, made, prune


def test_a_thing_is_made_once(tmp_path: Path) -> None:
    calls: list[Path] = []

    def make(half: Path) -> None:
        calls.append(half)
        half.touch()

    for _ in range(2):
        made(tmp_path, "thing-1", make, starting=lambda: None)
    assert len(calls) == 1


def test_what_fails_half_way_is_not_taken_for_whole(tmp_path: Path) -> None:
    def fail(half: Path) -> None:
        half.write_text("half")
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        made(tmp_path, "thing-1", fail, starting=lambda: None)
    assert [entry.name for entry in tmp_path.iterdir() if not entry.name.startswith(".")] == []


def test_parts_cannot_run_into_each_other() -> None:
    assert digest("ab", "c") != digest("a", "bc")


def test_a_files_mode_is_part_of_a_folders_content(tmp_path: Path) -> None:
    file = tmp_path / "script"
    file.write_text("#!/bin/sh\n")
    before = folder_digest(tmp_path)
    file.chmod(0o755)
    assert folder_digest(tmp_path) != before


def test_prune_removes_what_nobody_has_used(tmp_path: Path) -> None:
    for name in ("image-1", "image-2"):
        (tmp_path / name).touch()
    os.utime(tmp_path / "image-1", (0, 0))
    prune(tmp_path)
    assert not (tmp_path / "image-1").exists()
    assert (tmp_path / "image-2").exists()
