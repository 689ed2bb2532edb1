"""The evidence of a failed run contains the records of its procedure and the ledger of its client."""

import json
from pathlib import Path
from typing import Any

from rehearsal.errors import RehearsalError
from rehearsal.job.evidence import Evidence
from rehearsal.job.failure import record_failure

LEDGER: dict[str, Any] = {
    "lost": [], "unclear": [], "pace": None, "write_downtime": None, "read_downtime": {"failed": 0, "total": 0.0},
}  # fmt: skip
FAILED = {
    "run_id": "c", "step": "verify-changes", "outcome": "failed", "ended": "2026-01-01T10:00:05.000Z",
    "facts": {"phase": "Verify", "reason": "rows differ"},
}  # fmt: skip
THAWED = {"run_id": "c", "step": "rollback-source", "outcome": "done", "ended": "2026-01-01T10:00:07.000Z",
          "facts": {"open_since": "2026-01-01T10:00:06.500Z"}}  # fmt: skip


def fail() -> Any:
    raise RehearsalError("it is gone")


def test_failed_steps_and_the_recovery_time_are_kept(tmp_path: Path) -> None:
    # Given a deploy that failed in the window and was rolled back
    evidence = Evidence()
    record_failure(RuntimeError("rows differ"), evidence, lambda: [FAILED, THAWED], lambda: LEDGER)
    evidence.save(tmp_path / "evidence.json")
    # Then the file contains the reason, both records, the ledger, and the recovery time as a goal
    read = json.loads((tmp_path / "evidence.json").read_text())
    assert (read["outcome"], read["reason"]) == ("not migrated", "rows differ")
    assert [(one["step"], one["outcome"]) for one in read["steps"]] == [
        ("verify-changes", "failed"),
        ("rollback-source", "done"),
    ]
    assert read["ledger"]["lost"] == []
    assert (read["goals"][0]["measured"], read["goals"][0]["met"]) == (1.5, True)
    assert read["missing"] == []


def test_a_missing_part_is_reported_and_the_rest_is_kept() -> None:
    evidence = Evidence()
    record_failure(RuntimeError("no stack"), evidence, fail, lambda: LEDGER)
    assert evidence.ledger == LEDGER
    assert evidence.missing == ["the procedure's records: RehearsalError: it is gone"]


def test_a_run_that_fails_after_the_commit_is_migrated_with_findings() -> None:
    evidence = Evidence()
    commit = {"run_id": "c", "step": "commit", "outcome": "done", "ended": "2026-01-01T10:00:07.000Z", "facts": {}}
    record_failure(RuntimeError("the new site took no writes"), evidence, lambda: [commit], fail)
    assert evidence.outcome == "migrated, with findings"


def test_evidence_from_before_the_failure_is_kept() -> None:
    evidence = Evidence(steps=[FAILED], ledger=LEDGER)
    record_failure(RuntimeError("later"), evidence, fail, fail)
    assert (evidence.steps, evidence.missing) == ([FAILED], [])
