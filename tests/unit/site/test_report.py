"""A report says pass only when something was checked and all of it passed."""

from __future__ import annotations

from cutover_site.acceptance.results import CheckResult
from cutover_site.launch.report import Report

PASS = CheckResult("health", "pass", "", 0.1)
FAIL = CheckResult("login", "fail", "login answered 500", 0.1)


def report(*checks: CheckResult, reason: str = "") -> Report:
    return Report(run_id="r", instance_id="i-1", launch="TEST", checks=list(checks), reason=reason)


def test_outcomes() -> None:
    assert report(PASS).outcome == "pass"
    assert report(PASS, FAIL).outcome == "fail"
    assert report().outcome == "fail"
    assert report(PASS, reason="crashed").outcome == "fail"


def test_the_message_carries_the_reasons() -> None:
    message = report(PASS, FAIL).build_message()
    assert message["reason"] == "login: login answered 500"
    assert report().build_message()["reason"] == "nothing was checked"
    assert {"version", "run_id", "instance_id", "launch", "outcome", "checks", "reason"} == set(message)


def test_a_check_that_the_settings_rule_out_keeps_the_report_a_pass_and_is_named_in_it() -> None:
    skipped = CheckResult("attachment", "skip", "the site takes none", 0.1, "[attachment] ENABLED = false")
    message = report(PASS, skipped).build_message()
    assert (message["outcome"], message["reason"]) == ("pass", "")
    assert (message["checks"][1]["outcome"], message["checks"][1]["setting"]) == (
        "skip",
        "[attachment] ENABLED = false",
    )


def test_a_report_of_skipped_checks_alone_is_no_pass() -> None:
    assert report(CheckResult("ssh", "skip", "not asked for", 0.1)).outcome == "fail"
