"""The comparison of the proxies' counts with the client's account finds each kind of contradiction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from common.clock import format_iso

from rehearsal.client.ledger import Operation
from tests.rehearsal.scenarios.request_counts import find_problems

BEGAN = 1_800_000_000.0
COMMITTED, FORWARDED = BEGAN + 13, BEGAN + 13.5
COLUMNS = ["second", "answered", "client_error", "server_error", "aborted", "held", "forwarded", "median_ms", "p95_ms", "longest_ms"]  # fmt: skip


def make_operations() -> list[Operation]:
    """Return a read each second, and two writes that were held: one by HTTP, one by SSH."""
    reads = [Operation("read", False, BEGAN + second, BEGAN + second + 0.1, acknowledged=True) for second in range(20)]
    held = [Operation(kind, True, BEGAN + 10, FORWARDED + 0.2, acknowledged=True) for kind in ("issue", "push-ssh")]
    return [*reads, *held]


def make_records(**changed: int) -> list[dict[str, Any]]:
    """Return what the proxies counted of these operations. `changed`: another value of a column in the last second of the source."""
    rows: list[list[int]] = [[second, 1, 0, 0, 0, 0, 0, 100, 100, 100] for second in range(13)]
    rows.append([13, 2, 0, 0, 0, 1, 1, 100, 3700, 3700])
    for name, value in changed.items():
        rows[-1][COLUMNS.index(name)] = value
    source = {"requests_of": "source", "begin": BEGAN, "end": BEGAN + 20, "columns": COLUMNS, "rows": rows, "ports": {"ssh": [[13, 1, 1]]}}  # fmt: skip
    later = [[second, 1, 0, 0, 0, 0, 0, 100, 100, 100] for second in range(7)]
    target = {**source, "requests_of": "target", "begin": COMMITTED, "rows": later, "ports": {"ssh": [[0, 1, 0]]}}
    steps: list[dict[str, Any]] = [
        {"step": "commit", "outcome": "done", "facts": {"committed": format_iso(COMMITTED)}},
        {"step": "forward", "outcome": "done", "ended": format_iso(FORWARDED)},
    ]
    return [*steps, source, target]


def test_counts_that_agree_are_no_problem() -> None:
    assert find_problems(make_records(), make_operations()) == []


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_side_without_counts_is_a_problem(side: str) -> None:
    records = [one for one in make_records() if one.get("requests_of") != side]

    assert len(find_problems(records, make_operations())) == 1


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"answered": 0, "forwarded": 4}, "counted 16 requests"),
        ({"server_error": 1}, "1 errors, the client saw none"),
        ({"held": 0}, "counted 1 held, of the client 2 waited"),
        ({"held": 5}, "counted 6 held"),
        ({"longest_ms": 9000}, "took 9.00 s at a proxy, the slowest operation"),
        ({"longest_ms": 200}, "took 0.20 s at a proxy, a held write of the client 3.70 s"),
    ],
)
def test_each_contradiction_is_a_problem(changed: dict[str, int], text: str) -> None:
    problems = find_problems(make_records(**changed), make_operations())

    assert [text in one for one in problems] == [True], problems


def test_errors_that_the_client_saw_too_are_no_contradiction() -> None:
    operations = make_operations()
    operations[3] = replace(operations[3], acknowledged=False)

    assert find_problems(make_records(server_error=1), operations) == []
