"""The cache keeps only complete entries."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rehearsal.world.cache import compute_digest, compute_folder_digest, make_once, prune


def test_an_entry_is_created_once(tmp_path: Path) -> None:
    calls: list[Path] = []

    def create(part: Path) -> None:
        calls.append(part)
        part.touch()

    for _ in range(2):
        make_once(tmp_path, "entry-1", create, starting=lambda: None)
    assert len(calls) == 1


def test_an_entry_whose_creation_fails_is_not_kept(tmp_path: Path) -> None:
    def fail(part: Path) -> None:
        part.write_text("part")
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        make_once(tmp_path, "entry-1", fail, starting=lambda: None)
    assert [entry.name for entry in tmp_path.iterdir() if not entry.name.startswith(".")] == []


def test_the_digest_depends_on_the_boundaries_of_its_parts() -> None:
    assert compute_digest("ab", "c") != compute_digest("a", "bc")


def test_the_digest_of_a_folder_depends_on_the_modes_of_its_files(tmp_path: Path) -> None:
    file = tmp_path / "script"
    file.write_text("#!/bin/sh\n")
    before = compute_folder_digest(tmp_path)
    file.chmod(0o755)
    assert compute_folder_digest(tmp_path) != before


def test_prune_removes_entries_that_were_not_used_recently(tmp_path: Path) -> None:
    for name in ("image-1", "image-2"):
        (tmp_path / name).touch()
    os.utime(tmp_path / "image-1", (0, 0))
    prune(tmp_path)
    assert not (tmp_path / "image-1").exists()
    assert (tmp_path / "image-2").exists()
