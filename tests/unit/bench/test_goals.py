"""The table of goals: the measurements of a run and their limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rehearsal.errors import RehearsalError
from rehearsal.job.evidence import Evidence
from rehearsal.job.goals import Goal
from tests.bench.goals import Failed, Figures, format_text, list_goals, read_figures
from tests.unit.bench.test_window import RECORDS

LEDGER: dict[str, Any] = {
    "write_downtime": {"seconds": 4.0, "began": 1.0},
    "read_downtime": {"failed": 0, "total": 0.0},
    "pace": {"writes_per_second": 7.0, "pushes_per_second": 2.0},
}
GOOD = Figures(writes=1.8, reads=0.0, writes_per_second=7.0, overhead=14.5, window=10.5, window_overhead=4.25)
BACK = Failed(back=1.2, reads=0.0)


def missed(zero: Figures = GOOD, published: Figures = GOOD, failed: Failed = BACK) -> list[str]:
    return [one.name.strip() for one in list_goals(zero, published, failed) if isinstance(one, Goal) and not one.met]


def test_figures_come_from_the_run_with_a_cutover_window() -> None:
    # Given the records of a test launch and of a cutover
    launched = {**RECORDS[0], "run_id": "demo-t-1"}
    found = read_figures(Evidence(ledger=LEDGER, steps=[launched, *RECORDS]))
    assert (found.writes, found.reads, found.writes_per_second) == (4.0, 0.0, 7.0)
    assert (found.window, found.window_overhead) == pytest.approx((10.5, 10.5 - 6.25))
    assert found.overhead == pytest.approx(20.5 - 11.5)


def test_a_run_without_a_window_has_no_figures() -> None:
    with pytest.raises(RehearsalError, match="froze"):
        read_figures(Evidence(ledger=LEDGER, steps=RECORDS[:2]))


def test_a_run_within_the_limits_meets_every_goal() -> None:
    assert missed() == []
    assert "MISSED" not in format_text(list_goals(GOOD, GOOD, BACK))


def test_a_measurement_above_its_limit_misses_its_goal() -> None:
    assert missed(zero=replace(GOOD, writes=2.01)) == ["window, zero"]
    assert missed(published=replace(GOOD, writes=1.99)) == ["as a multiple of zero's"]
    assert missed(published=replace(GOOD, reads=0.1)) == ["read downtime, published"]
    assert missed(failed=Failed(back=3.1, reads=0.2)) == [
        "read downtime, failing run",
        "from the failure to the open source",
    ]


def test_a_missing_measurement_misses_its_goal_and_is_not_reported_as_zero() -> None:
    unknown = replace(GOOD, writes=None, reads=None)
    assert missed(published=unknown, failed=Failed(None, None)) == [
        "window, published", "as a multiple of zero's", "read downtime, published", "read downtime, failing run",
        "from the failure to the open source",
    ]  # fmt: skip
    assert format_text(list_goals(GOOD, unknown, BACK)).count("not measured") == 3
