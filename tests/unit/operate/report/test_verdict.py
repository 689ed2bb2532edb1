"""The verdict of a run, by its records and by the run record."""

from __future__ import annotations

from typing import Any

import pytest
from common.clients.run_record import Record

from operate.report.model import build_report
from operate.report.sections.verdict import State
from operate.report.source import Check, Independent
from tests.unit.operate.report.evidence import (
    NOW,
    RUN,
    TEST_RUN,
    make_failed_at,
    make_migrated,
    make_operations,
    make_running,
    make_source,
    record,
)

HELD = Record(run_id=RUN, kind="cutover", phase="launch", lock_expires=NOW + 60)


def decide(documents: list[dict[str, Any]], **changes: Any) -> State:
    return build_report(make_source(documents, **changes)).verdict.state


def test_a_committed_run_has_migrated() -> None:
    assert decide(make_migrated()) is State.MIGRATED


def test_a_commit_whose_record_is_missing_is_known_from_the_run_record() -> None:
    committed = Record(run_id=RUN, decision="commit", decided_at=NOW - 5)

    assert decide(make_running(), record=committed) is State.MIGRATED


def test_the_run_record_of_another_run_decides_nothing() -> None:
    other = Record(run_id="second-c-1", decision="commit", decided_at=NOW - 5)

    assert decide(make_running(), record=other) is State.NOT_ENDED


def test_a_failed_independent_check_is_a_finding() -> None:
    failed = Independent((Check("acknowledged writes", False, "1 lost"),))
    verdict = build_report(make_source(make_migrated(), independent=failed)).verdict

    assert verdict.state is State.FINDINGS
    assert verdict.failed_checks == ["acknowledged writes: 1 lost"]


def test_a_failure_before_the_freeze_has_no_window() -> None:
    report = build_report(make_source(make_failed_at("verify-files")))

    assert (report.verdict.state, report.window) == (State.STOPPED, None)
    assert "the writes of the source were never stopped" in report.verdict.sentence


def test_a_freeze_that_was_never_sent_is_no_window() -> None:
    # Given a step that failed before its command: the roll back found that the source was never frozen
    report = build_report(make_source(make_failed_at("freeze")))

    assert (report.verdict.state, report.window) == (State.STOPPED, None)


def test_a_roll_back_that_came_after_the_commit_decided_nothing() -> None:
    documents = [one for one in make_failed_at("stop-replication") if one["step"] not in ("conclude", "release")]
    for one in documents:
        if one["step"] == "decide-rollback":
            one["facts"] = {"decision": "commit"}
    report = build_report(make_source(documents))

    assert report.verdict.state is State.MIGRATED
    assert report.verdict.failure is None
    assert not any("ROLL BACK" in one.what for one in report.decisions)
    assert "no record of their end" in report.verdict.sentence


def test_a_failure_in_the_window_reports_when_the_source_opened_again() -> None:
    report = build_report(make_source(make_failed_at("activate")))

    assert report.verdict.state is State.ROLLED_BACK
    assert report.window is not None
    assert report.window.seconds == pytest.approx(4.3)
    assert report.verdict.failure is not None
    assert report.verdict.failure.logs == "runs/x/logs-i-1.txt"


def test_a_roll_back_that_has_not_ended_is_named() -> None:
    documents = [one for one in make_failed_at("activate") if one["step"] not in ("release", "conclude", "rollback-source")]  # fmt: skip
    report = build_report(make_source(documents))

    assert report.verdict.state is State.ROLLING_BACK
    assert "When the source accepted writes again is not recorded" in report.verdict.sentence


def test_a_run_that_holds_the_site_is_running() -> None:
    assert decide(make_running(), record=HELD) is State.RUNNING


def test_a_run_whose_lock_has_ended_has_not_ended() -> None:
    assert decide(make_running(), record=Record(run_id=RUN, lock_expires=NOW - 1)) is State.NOT_ENDED


def test_a_test_launch_that_finished_has_passed() -> None:
    assert decide(make_migrated(), run_id=TEST_RUN) is State.TEST_PASSED


def test_a_failed_operation_is_in_the_verdict() -> None:
    verdict = build_report(make_source(make_migrated(), operations=make_operations(failed=2))).verdict

    assert "2 failed" in verdict.sentence
    assert next(one for one in verdict.figures if one.name == "failed operations").tone == "bad"


def test_what_nobody_measured_is_not_known_and_not_zero() -> None:
    figures = build_report(make_source(make_migrated(), operations=None)).verdict.figures

    values = {one.name: one.value for one in figures}
    assert values["failed operations"] == values["longest write"] == "not known"


def test_the_last_run_is_chosen_and_dry_runs_are_not() -> None:
    later = {**record("lock", 500), "run_id": "first-dry-1800000500"}

    assert build_report(make_source([*make_migrated(), later])).run_id == RUN


def test_a_damaged_record_does_not_hide_the_others() -> None:
    damaged = {**record("tidy", 50), "began": "yesterday"}

    assert decide([*make_migrated(), damaged]) is State.MIGRATED
