"""The ranges in which two disks differ, computed from their extents."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.world.disks import Range, compare_extents, copy_ranges
from rehearsal.world.reflink import Extent


def test_differently_split_extents_at_equal_places_are_no_change() -> None:
    whole = [Extent(0, 1000, 100)]
    halves = [Extent(0, 1000, 40), Extent(40, 1040, 60)]
    assert compare_extents(whole, halves) == []


def test_a_rewritten_block_in_the_middle_is_one_range() -> None:
    old = [Extent(0, 1000, 100)]
    new = [Extent(0, 1000, 40), Extent(40, 5000, 10), Extent(50, 1050, 50)]
    assert compare_extents(old, new) == [Range(40, 10)]


def test_data_that_became_a_hole_is_a_change() -> None:
    assert compare_extents([Extent(0, 1000, 100)], [Extent(0, 1000, 60)]) == [Range(60, 40)]


def test_data_in_a_former_hole_is_a_change() -> None:
    assert compare_extents([], [Extent(8, 1000, 4)]) == [Range(8, 4)]


def test_adjacent_changes_are_one_range() -> None:
    new = [Extent(0, 7000, 10), Extent(10, 9000, 10)]
    assert compare_extents([Extent(0, 1000, 20)], new) == [Range(0, 20)]


@pytest.mark.parametrize("size", [1, 4096, 100_001])
def test_a_copy_of_all_ranges_gives_the_target_equal_content_and_length(tmp_path: Path, size: int) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"x" * size)
    target.write_bytes(b"y" * (size + 50))
    assert copy_ranges(source, target, [Range(0, size)]) == size
    assert target.read_bytes() == source.read_bytes()


def test_zeros_overwrite_old_data_and_remain_holes_elsewhere(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(bytes(1 << 20))
    target.write_bytes(b"y" * 4096)
    copy_ranges(source, target, [Range(0, 4096), Range(4096, (1 << 20) - 4096)])
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_blocks * 512 <= 8192
