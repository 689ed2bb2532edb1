"""The account of a run that failed holds what its procedure recorded and what its client saw."""

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


def refuse() -> Any:
    raise RehearsalError("it is gone")


def test_failed_steps_and_the_way_back_are_kept(tmp_path: Path) -> None:
    # Given a deploy that failed in the window and was rolled back
    evidence = Evidence()
    record_failure(RuntimeError("rows differ"), evidence, lambda: [FAILED, THAWED], lambda: LEDGER)
    evidence.save(tmp_path / "evidence.json")
    # Then a reader of the file finds why, both records, the client's account and the way back as a goal
    read = json.loads((tmp_path / "evidence.json").read_text())
    assert (read["outcome"], read["reason"]) == ("not migrated", "rows differ")
    assert [(one["step"], one["outcome"]) for one in read["steps"]] == [
        ("verify-changes", "failed"),
        ("rollback-source", "done"),
    ]
    assert read["ledger"]["lost"] == []
    assert (read["goals"][0]["measured"], read["goals"][0]["met"]) == (1.5, True)
    assert read["missing"] == []


def test_what_cannot_be_had_is_said_and_keeps_the_rest() -> None:
    evidence = Evidence()
    record_failure(RuntimeError("no stack"), evidence, refuse, lambda: LEDGER)
    assert evidence.ledger == LEDGER
    assert evidence.missing == ["the procedure's records: RehearsalError: it is gone"]


def test_a_committed_run_that_fails_later_has_migrated_all_the_same() -> None:
    evidence = Evidence()
    commit = {"run_id": "c", "step": "commit", "outcome": "done", "ended": "2026-01-01T10:00:07.000Z", "facts": {}}
    record_failure(RuntimeError("the new site took no writes"), evidence, lambda: [commit], refuse)
    assert evidence.outcome == "migrated, with findings"


def test_what_was_seen_before_the_failure_is_kept() -> None:
    evidence = Evidence(steps=[FAILED], ledger=LEDGER)
    record_failure(RuntimeError("later"), evidence, refuse, refuse)
    assert (evidence.steps, evidence.missing) == ([FAILED], [])
