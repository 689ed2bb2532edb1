"""Digests of many tables in results of limited length."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from cutover_site.database.digest import TableDigest
from cutover_site.database.digest_pages import Lines, digest_lines, read_page, split_lines, summarize
from cutover_site.errors import Refused
from cutover_site.layout import Layout
from cutover_site.result_size import MAX_CHARACTERS, fit_result, serialize

NOISE = random.Random(7)
ANY_NAME = "".join(chr(code) for code in range(0x21, 0x7F)) + "".join(chr(code) for code in range(0x400, 0x4FF))


def create_digests(count: int, length: int = 24) -> dict[str, TableDigest]:
    """Return digests with names that hardly compress, as in the worst case."""
    return {
        "".join(NOISE.choices(ANY_NAME, k=length)): TableDigest(10**12, f"{NOISE.getrandbits(128):032x}", 1.0)
        for _ in range(count)
    }


def create_lines(found: dict[str, TableDigest]) -> Lines:
    return {name: {"rows": one.rows, "digest": one.digest} for name, one in found.items()}


@pytest.mark.parametrize("length", [24, 64])
@pytest.mark.parametrize("count", [1, 300, 3000])
def test_every_result_fits_the_limit_and_no_table_is_lost(tmp_path: Path, count: int, length: int) -> None:
    found = create_digests(count, length)

    result = summarize(Layout(tmp_path), found)

    assert (result["count"], result["rows"]) == (count, count * 10**12)
    assert measure_length("digest-database", result) <= MAX_CHARACTERS
    pages = [read_page(Layout(tmp_path), result["digest"], 1 + page) for page in range(result.get("pages", 0))]
    assert all(measure_length("table-digests", {"page": 999, "tables": page}) <= MAX_CHARACTERS for page in pages)
    listed = {name: line for page in pages or [result["tables"]] for name, line in page.items()}
    assert listed == create_lines(found)


def measure_length(verb: str, facts: dict[str, object]) -> int:
    bounded = fit_result({"ok": True, "side": "source", "schema": "gogs", "seconds": 12345.678, **facts}, verb)
    assert bounded["ok"], bounded
    return len(serialize(bounded))


def test_the_total_digest_is_equal_only_when_every_table_is_equal() -> None:
    found = create_lines(create_digests(20))
    backwards = dict(reversed(list(found.items())))
    name = next(iter(found))
    assert digest_lines(backwards) == digest_lines(found)
    for changed in ({"rows": 1}, {"digest": "0" * 32}):
        assert digest_lines({**found, name: {**found[name], **changed}}) != digest_lines(found)
    assert digest_lines({key: line for key, line in found.items() if key != name}) != digest_lines(found)


def test_a_page_of_another_comparison_is_never_returned(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    first, second = (summarize(layout, create_digests(3000)) for _ in range(2))
    pages = [json.dumps(read_page(layout, one["digest"], 1)) for one in (first, second)]
    assert pages[0] != pages[1]


@pytest.mark.parametrize(
    ("digest", "page", "reason"),
    [("0" * 32, 1, "not on this machine"), ("../../etc/passwd", 1, "is not a digest"), ("", 0, "does not exist")],
)
def test_an_unknown_page_is_rejected(tmp_path: Path, digest: str, page: int, reason: str) -> None:
    known = summarize(Layout(tmp_path), create_digests(3000))["digest"]
    with pytest.raises(Refused, match=reason):
        read_page(Layout(tmp_path), digest or known, page)


def test_lines_are_split_into_as_few_pages_as_possible() -> None:
    assert len(split_lines(create_lines(create_digests(100)))) == 1
