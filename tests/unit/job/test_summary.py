"""The lines of the summary of a run. Their text is tested in tests/unit/golden."""

from typing import Any

from rehearsal.job.evidence import Evidence
from rehearsal.job.goals import evaluate_goals
from rehearsal.job.summary import format_rows


def ledger(**changed: Any) -> dict[str, Any]:
    return {
        "acknowledged_writes": 10,
        "found": {"issue": 9},
        "lost": ["issue 3"],
        "pace": {"writes_per_second": 6.6, "pushes_per_second": 1.6, "enough": True},
        "refused": {"503 with Retry-After": 4},
        "unclear": [],
        "write_downtime": {"seconds": 4.5, "began": 1767261605.0},
        "pause": {
            "failed_operations": 0,
            "held_writes": 14,
            "longest_write_seconds": 4.7,
            "window_seconds": 4.5,
        },
        "read_downtime": {"failed": 0, "total": 0.0, "longest": 0.0, "lasting": False},
        "longest_read_pause": {"seconds": 0.6, "began": 1.0},
        **changed,
    }


def summarize(**evidence: Any) -> dict[str, str]:
    return dict(format_rows(Evidence(**evidence)))


def test_site_errors_have_a_line_only_when_there_are_some() -> None:
    assert "the site's own errors" not in summarize(ledger=ledger(site_errors={}))
    assert "the site's own errors" in summarize(ledger=ledger(site_errors={"issue": 3}))


def test_the_window_is_reported_by_step() -> None:
    step = {"step": "freeze", "phase": "Freeze", "seconds": 2.0}
    times = {"began": "2026-01-01T10:00:05.500Z", "ended": "2026-01-01T10:00:07.500Z"}
    assert summarize(ledger=ledger(), steps=[{**step, **times}])["  window: freeze"] == "2.00 s"


def test_each_goal_is_reported_as_met_or_missed() -> None:
    shown = summarize(
        ledger=ledger(), goals=evaluate_goals(ledger(pace={"writes_per_second": 3.0, "pushes_per_second": 1.5}), [])
    )
    assert shown["goal: window"] == "4.50 s (aim: at most 2 s), goal missed"
    assert shown["goal: failed operations"] == "0 (aim: none), met"
    assert shown["goal: failed reads"] == "0 (aim: none), met"
    assert shown["goal: writes tried"] == "3 a second (aim: at least 5 a second), goal missed"


def test_skipped_checks_and_retries_of_the_acceptance_are_reported_once() -> None:
    facts = {"not_checked": ["attachment: takes none"], "retried": ["issue: POST /x: answered 500"]}
    shown = summarize(steps=[{"step": "await-report", "facts": facts}, {"step": "accept-scratch", "facts": facts}])
    assert shown["not checked"] == "attachment: takes none"
    assert shown["sent twice"] == "issue: POST /x: answered 500"
    assert "not checked" not in summarize(steps=[{"step": "check", "facts": {}}])
