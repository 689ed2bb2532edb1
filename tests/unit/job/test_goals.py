"""A measurement meets its goal or misses it. A missing measurement misses it."""

from typing import Any

from rehearsal.job.goals import BACK, build_maximum_goal, build_minimum_goal, evaluate_goals

LEDGER: dict[str, Any] = {
    "unclear": [],
    "pace": {"writes_per_second": 6.6, "pushes_per_second": 1.6},
    "pause": {"failed_operations": 0, "held_writes": 14, "longest_write_seconds": 3.1, "window_seconds": 1.9},
    "read_downtime": {"failed": 0, "total": 0.0},
}
FAILED = {
    "run_id": "r",
    "step": "verify-changes",
    "outcome": "failed",
    "ended": "2026-01-01T10:00:05.000Z",
    "facts": {},
}
THAWED = {"run_id": "r", "step": "rollback-source", "facts": {"open_since": "2026-01-01T10:00:09.000Z"}}


def missed(ledger: dict[str, Any], steps: list[dict[str, Any]] | None = None) -> list[str]:
    return [one.name for one in evaluate_goals(ledger, steps or []) if not one.met]


def test_a_run_within_the_limits_meets_every_goal() -> None:
    assert missed(LEDGER) == []


def test_each_measurement_beyond_its_limit_misses_its_goal() -> None:
    slow = {"failed_operations": 1, "held_writes": 14, "longest_write_seconds": 3.6, "window_seconds": 2.1}
    assert missed({**LEDGER, "pause": slow}) == ["failed operations", "window", "longest write"]
    assert missed({**LEDGER, "read_downtime": {"failed": 1, "total": 0.2}}) == ["read downtime", "failed reads"]
    assert missed({**LEDGER, "unclear": ["lfs of 3.000: cut"]}) == ["unclear refusals"]
    assert missed({**LEDGER, "pace": {"writes_per_second": 4.9, "pushes_per_second": 0.9}}) == [
        "writes tried",
        "pushes tried",
    ]


def test_a_missing_measurement_misses_its_goal() -> None:
    assert missed({"unclear": [], "pace": None}) == [
        "failed operations", "window", "longest write", "read downtime", "failed reads", "writes tried", "pushes tried",
    ]  # fmt: skip
    assert str(build_maximum_goal("a", None, 5, "s")) == "not measured (aim: at most 5 s), goal missed"
    assert evaluate_goals({}, []) == []


def test_a_measurement_equal_to_its_limit_meets_the_goal() -> None:
    assert build_maximum_goal("a", 5.0, 5, "s").met
    assert build_minimum_goal("a", 5.0, 5, "s").met
    assert not build_maximum_goal("a", 0.01, 0, "s").met


def test_a_rolled_back_run_is_measured_by_its_recovery_time() -> None:
    names = [one.name for one in evaluate_goals(LEDGER, [FAILED, THAWED])]
    assert names[0] == BACK
    assert not {"window", "longest write"} & set(names)
    assert missed(LEDGER, [FAILED, THAWED]) == [BACK]
