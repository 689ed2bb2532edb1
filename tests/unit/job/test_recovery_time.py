"""The recovery time lasts from the first failed step of a run until its source accepts writes."""

from typing import Any

from rehearsal.job.recovery_time import find_failed_steps, measure_recovery_seconds


def record(run: str, step: str, ended: int, outcome: str = "done", **facts: Any) -> dict[str, Any]:
    return {
        "run_id": run,
        "step": step,
        "outcome": outcome,
        "ended": f"2026-01-01T10:00:{ended:02}.000Z",
        "facts": facts,
    }


def test_the_recovery_time_starts_with_the_first_failure_of_the_same_run() -> None:
    records = [
        record("t", "await-image", 1, "failed", reason="another run, which froze nothing"),
        record("c", "rollback-replica", 40, "failed", reason="later"),
        record("c", "verify-changes", 10, "failed", reason="rows differ"),
        record("c", "rollback-source", 12, open_since="2026-01-01T10:00:11.500Z"),
        {"key": "runs/c/outputs.json"},
    ]
    assert measure_recovery_seconds(records) == 1.5
    assert [one["step"] for one in find_failed_steps(records)] == ["await-image", "verify-changes", "rollback-replica"]


def test_a_run_that_did_not_resume_writes_has_no_recovery_time() -> None:
    assert (
        measure_recovery_seconds(
            [record("c", "launch", 10, "failed"), record("c", "rollback-source", 12, source="was never frozen")]
        )
        is None
    )
    assert measure_recovery_seconds([record("c", "commit", 10)]) is None
