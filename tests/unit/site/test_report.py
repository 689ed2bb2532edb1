"""The outcome of a report is pass only when it has checks and all of them passed."""

from __future__ import annotations

from cutover_site.acceptance.results import CheckResult
from cutover_site.launch.report import Report

PASS = CheckResult("health", "pass", "", 0.1)
FAIL = CheckResult("login", "fail", "login answered 500", 0.1)


def report(*checks: CheckResult, reason: str = "") -> Report:
    return Report(run_id="r", instance_id="i-1", launch="TEST", checks=list(checks), reason=reason)


def test_the_outcome_is_pass_only_when_all_checks_passed() -> None:
    assert report(PASS).outcome == "pass"
    assert report(PASS, FAIL).outcome == "fail"
    assert report().outcome == "fail"
    assert report(PASS, reason="crashed").outcome == "fail"


def test_the_message_contains_the_reasons() -> None:
    message = report(PASS, FAIL).build_message()
    assert message["reason"] == "login: login answered 500"
    assert report().build_message()["reason"] == "nothing was checked"
    assert {"version", "run_id", "instance_id", "launch", "outcome", "checks", "reason"} == set(message)


def test_a_skipped_check_is_reported_with_its_setting_and_is_no_failure() -> None:
    skipped = CheckResult("attachment", "skip", "the site takes none", 0.1, "[attachment] ENABLED = false")
    message = report(PASS, skipped).build_message()
    assert (message["outcome"], message["reason"]) == ("pass", "")
    assert (message["checks"][1]["outcome"], message["checks"][1]["setting"]) == (
        "skip",
        "[attachment] ENABLED = false",
    )


def test_a_report_with_only_skipped_checks_fails() -> None:
    assert report(CheckResult("ssh", "skip", "not asked for", 0.1)).outcome == "fail"
