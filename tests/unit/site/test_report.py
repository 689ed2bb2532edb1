"""A report says pass only when something was checked and all of it passed."""

from __future__ import annotations

from types import ModuleType

from cutover_site.acceptance.site import CheckFailed, CheckSkipped, Visit
from cutover_site.acceptance.suite import CheckResult, accept, failures, timed
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
    message = report(PASS, FAIL).message()
    assert message["reason"] == "login: login answered 500"
    assert report().message()["reason"] == "nothing was checked"
    assert {"version", "run_id", "instance_id", "launch", "outcome", "checks", "reason"} == set(message)


def test_a_crash_of_a_check_is_a_failure() -> None:
    crashed = timed("x", lambda: 1 / 0)
    assert crashed.outcome == "fail"
    assert "ZeroDivisionError" in crashed.reason


def module(name: str, error: Exception | None) -> ModuleType:
    made = ModuleType(f"checks.{name}")

    def check(visit: Visit) -> None:
        del visit
        if error:
            raise error

    made.check = check  # type: ignore[attr-defined]
    return made


def visit() -> Visit:
    return Visit(url="http://127.0.0.1:1/", username="u", password="p")


def test_after_a_needed_check_the_rest_counts_as_failed() -> None:
    results = accept(visit(), [module("health", CheckFailed("down")), module("clone", None)])
    assert [result.outcome for result in results] == ["fail", "fail", "pass"]
    assert failures(results) == "health: down; 1 more not tried"


def test_other_checks_do_not_stop_the_suite() -> None:
    results = accept(visit(), [module("clone", CheckFailed("no")), module("issue", None)])
    assert [(result.name, result.outcome) for result in results] == [
        ("clone", "fail"),
        ("issue", "pass"),
        ("leftovers", "pass"),
    ]


def test_what_was_not_asked_for_is_reported_as_not_checked() -> None:
    results = accept(visit(), [module("ssh", CheckSkipped("SSH was not asked for")), module("ssh_clone", None)])
    assert [(result.name, result.outcome, result.reason) for result in results] == [
        ("ssh", "skip", "SSH was not asked for"),
        ("ssh_clone", "skip", "SSH was not asked for"),
        ("leftovers", "pass", ""),
    ]
    assert failures(results) == ""


def test_a_check_that_the_settings_rule_out_keeps_the_report_a_pass_and_is_named_in_it() -> None:
    skipped = CheckResult("attachment", "skip", "the site takes none", 0.1, "[attachment] ENABLED = false")
    message = report(PASS, skipped).message()
    assert (message["outcome"], message["reason"]) == ("pass", "")
    assert (message["checks"][1]["outcome"], message["checks"][1]["setting"]) == (
        "skip",
        "[attachment] ENABLED = false",
    )


def test_a_report_of_skipped_checks_alone_is_no_pass() -> None:
    assert report(CheckResult("ssh", "skip", "not asked for", 0.1)).outcome == "fail"
