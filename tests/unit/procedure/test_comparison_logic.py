"""The comparison of digests: what is equal, what differs, and what was not compared."""

from __future__ import annotations

from typing import Any

import pytest
from common.errors import StepFailed
from procedure.logic.verification import compare_files, compare_tables, has_equal_digests

ROW = {"rows": 5, "digest": "aa"}


@pytest.mark.parametrize(
    ("target", "words"),
    [({"t": {"rows": 4, "digest": "aa"}}, "5 rows on the source, 4 on the target"), ({"t": {"rows": 5, "digest": "ab"}}, "of different content"),
     ({"u": ROW}, "only on the source")],
)  # fmt: skip
def test_different_tables_are_named(target: dict[str, Any], words: str) -> None:
    assert words in compare_tables({"tables": {"t": ROW}}, {"tables": target}).summary


@pytest.mark.parametrize(("left", "right"), [({}, {"t": ROW}), ({"t": ROW}, {})])
def test_tables_that_were_not_compared_are_not_equal(left: dict[str, Any], right: dict[str, Any]) -> None:
    with pytest.raises(StepFailed, match="not compared"):
        compare_tables({"tables": left}, {"tables": right})


def test_a_requested_table_must_be_in_the_response() -> None:
    with pytest.raises(StepFailed, match="issue was not compared"):
        compare_tables({"tables": {"t": ROW}}, {"tables": {"t": ROW}}, expected=["t", "issue"])


def test_files_are_compared_by_name() -> None:
    left = {"ok": True, "side": "source", "seconds": 1, "digests": {"a.git": "1", "b.git": "2"}}
    right = {"ok": True, "side": "live", "seconds": 9, "digests": {"a.git": "1", "b.git": "3"}}

    compared = compare_files(left, right)

    assert list(compared.different) == ["digests/b.git"]
    assert compared.equal == ("digests/a.git",)


@pytest.mark.parametrize("missing_on", ["source", "target"])
def test_a_file_on_one_side_differs(missing_on: str) -> None:
    both, one = {"digests": {"a.git": "1", "b.git": "2"}}, {"digests": {"a.git": "1"}}

    compared = compare_files(one, both) if missing_on == "source" else compare_files(both, one)

    assert f"missing on the {missing_on}" in compared.different["digests/b.git"]


def test_files_that_were_not_compared_are_not_equal() -> None:
    with pytest.raises(StepFailed, match="were not compared"):
        compare_files({"ok": True, "side": "source"}, {"ok": True, "digests": {"a": "1"}})


def test_the_digest_of_all_tables_must_fit_the_digests_of_each() -> None:
    """A side whose lines are equal and whose digest of all is not has left something out of its lines."""
    tables = {"tables": {"t": ROW}}

    with pytest.raises(StepFailed, match="this is a defect"):
        compare_tables({**tables, "digest": "a" * 32}, {**tables, "digest": "b" * 32})


@pytest.mark.parametrize(
    ("source", "target", "are_equal"),
    [
        ({"digest": "aa", "count": 2}, {"digest": "aa", "count": 2}, True),
        ({"digest": "aa", "tables": {"t": ROW}}, {"digest": "aa"}, True),
        ({"digest": "aa", "count": 2}, {"digest": "bb", "count": 2}, False),
        ({"digest": "aa", "count": 2}, {"count": 2}, False),
        ({"digest": "", "count": 2}, {"digest": "", "count": 2}, False),
        ({"count": 2}, {"count": 2}, False),
        ({"digest": "aa", "count": 0}, {"digest": "aa", "count": 0}, False),
        ({"digest": "aa"}, {"digest": "aa"}, False),
    ],
)
def test_equal_digests_show_equal_tables_when_tables_were_digested(
    source: dict[str, Any], target: dict[str, Any], are_equal: bool
) -> None:
    assert has_equal_digests(source, target) is are_equal
