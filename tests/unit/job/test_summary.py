"""What people read of a run."""

from typing import Any

from rehearsal.client.overlap import Overlap
from rehearsal.job.comparison import Comparison
from rehearsal.job.evidence import Evidence
from rehearsal.job.goals import evaluate_goals
from rehearsal.job.secrecy import Secrecy
from rehearsal.job.summary import rows


def ledger(**changed: Any) -> dict[str, Any]:
    return {
        "acknowledged_writes": 10,
        "found": {"issue": 9},
        "lost": ["issue 3"],
        "pace": {"writes_per_second": 6.6, "pushes_per_second": 1.6, "enough": True},
        "refused": {"503 with Retry-After": 4},
        "unclear": [],
        "write_downtime": {"seconds": 4.5, "began": 1767261605.0},
        "read_downtime": {"failed": 0, "total": 0.0, "longest": 0.0, "lasting": False},
        "longest_read_pause": {"seconds": 0.6, "began": 1.0},
        **changed,
    }


def told(**evidence: Any) -> dict[str, str]:
    return dict(rows(Evidence(**evidence)))


def test_the_clients_figures_are_told() -> None:
    shown = told(ledger=ledger())
    assert shown["client"] == "10 acknowledged writes, 9 found, 1 lost"
    assert shown["pace"] == "6.6 writes a second, 1.6 of them pushes"
    assert shown["refused writes"] == "4 503 with Retry-After"
    assert shown["write downtime"] == "4.50 s"
    assert shown["read downtime"] == "0 s, no read failed; longest pause between good reads 0.60 s"


def test_errors_of_the_site_itself_have_a_line_of_their_own() -> None:
    assert "the site's own errors" not in told(ledger=ledger(site_errors={}))
    shown = told(ledger=ledger(site_errors={"issue": 3, "attachment": 1}))
    assert shown["the site's own errors"].startswith("3 issue, 1 attachment: answered 500")
    assert shown["refused writes"] == "4 503 with Retry-After"


def test_the_database_behind_rds_is_told_and_why_it_is_not_mysql() -> None:
    assert told(database={"product": "MySQL", "version": "9.7.4", "why": ""})["RDS ran"] == "MySQL 9.7.4"
    fallen_back = {
        "product": "MariaDB",
        "version": "10.11.14-MariaDB",
        "why": "mysql of Debian sid cannot be had: no network",
    }
    assert told(database=fallen_back)["RDS ran"] == (
        "MariaDB 10.11.14-MariaDB (mysql of Debian sid cannot be had: no network)"
    )


def test_what_weakens_the_proof_is_told() -> None:
    outages = {"failed": 3, "total": 2.0, "longest": 2.0, "lasting": True}
    shown = told(
        ledger=ledger(
            pace={"writes_per_second": 1.0, "pushes_per_second": 0.1, "enough": False},
            unclear=["lfs of 3.000: cut"],
            read_downtime=outages,
        ),
        overlap=Overlap(source=3, target=2, apart=-1.5),
        secrecy=Secrecy(unsearched=["S3: denied"]),
        comparison=Comparison(findings=[f"row {n}" for n in range(7)]),
    )
    assert "too slow" in shown["pace"]
    assert "no clear answer: lfs of 3.000: cut" in shown["refused writes"]
    assert shown["read downtime"].startswith("2.00 s, 3 reads failed, and reads had not come back at the end")
    assert shown["two sites"] == "source accepted 3 writes, target 2, 1.50 s of it at the same time"
    assert shown["not searched"] == "S3: denied"
    assert shown["findings"].endswith("row 4 … and 2 more")


def test_what_was_not_measured_is_not_told_as_zero() -> None:
    shown = told(ledger=ledger(pace=None, write_downtime=None, read_downtime=None, longest_read_pause=None))
    assert (shown["write downtime"], shown["read downtime"]) == ("not measured", "not measured")
    assert "pace" not in shown
    assert told(overlap=Overlap(5, 0, None))["two sites"].endswith("one of them alone, so nothing is shown")


def test_the_window_is_told_by_its_steps() -> None:
    step = {"step": "freeze", "phase": "Freeze", "seconds": 2.0}
    times = {"began": "2026-01-01T10:00:05.500Z", "ended": "2026-01-01T10:00:07.500Z"}
    assert told(ledger=ledger(), steps=[{**step, **times}])["  window: freeze"] == "2.00 s"


def test_each_goal_is_told_as_met_or_missed() -> None:
    shown = told(
        ledger=ledger(), goals=evaluate_goals(ledger(pace={"writes_per_second": 3.0, "pushes_per_second": 1.5}), [])
    )
    assert shown["goal: write downtime"] == "4.50 s (aim: at most 5 s), met"
    assert shown["goal: failed reads"] == "0 (aim: none), met"
    assert shown["goal: writes tried"] == "3 a second (aim: at least 5 a second), goal missed"


def test_a_run_that_failed_tells_its_failed_steps_and_what_is_not_known() -> None:
    facts = {"phase": "Verify", "machine": "i-1", "reason": "rows differ in issue", "next": ""}
    times = {"began": "2026-01-01T10:00:05.500Z", "ended": "2026-01-01T10:00:07.500Z"}
    failed = {"step": "verify-changes", "outcome": "failed", "facts": facts, **times}
    shown = told(steps=[failed], missing=["what the client saw: no client had begun to write"])
    assert shown["failed step"] == "verify-changes on i-1: rows differ in issue"
    assert shown["not known"] == "what the client saw: no client had begun to write"


def test_what_the_acceptance_left_out_is_told_once() -> None:
    facts = {"not_checked": ["attachment: takes none"], "retried": ["issue: POST /x: answered 500"]}
    shown = told(steps=[{"step": "await-report", "facts": facts}, {"step": "accept-scratch", "facts": facts}])
    assert shown["not checked"] == "attachment: takes none"
    assert shown["sent twice"] == "issue: POST /x: answered 500"
    assert "not checked" not in told(steps=[{"step": "check", "facts": {}}])
