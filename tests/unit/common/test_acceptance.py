"""How the functions evaluate what a machine's acceptance suite found."""

from __future__ import annotations

from typing import Any

import pytest
from common.acceptance import find_problems, has_passed, list_retried, list_unchecked
from common.errors import StepFailed
from procedure.logic import report
from procedure.logic.acceptance import require_passed
from report.logic import Report

REQUIRED = ("health", "login")
OFF = "[attachment] ENABLED = false"
PASS: dict[str, Any] = {"name": "health", "outcome": "pass", "reason": "", "seconds": 0.1}
SKIP: dict[str, Any] = {"name": "attachment", "outcome": "skip", "reason": "takes none", "setting": OFF, "seconds": 0.1}


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        (PASS, ""),
        (SKIP, ""),
        ({"name": "login", "outcome": "fail", "reason": "answered 500"}, "login: answered 500"),
        ({"name": "login"}, "login: no outcome"),
        ({**SKIP, "setting": ""}, "attachment: was not checked, and no setting of the site explains it: takes none"),
        ({**SKIP, "reason": ""}, "attachment: was not checked, and no setting of the site explains it: no reason"),
        ({**SKIP, "name": "login"}, "login: was not checked, and always must be: takes none"),
    ],
)
def test_a_check_is_skipped_only_because_of_a_site_setting(check: dict[str, Any], problem: str) -> None:
    assert find_problems([check], REQUIRED) == ([problem] if problem else [])
    assert has_passed([PASS, check], REQUIRED) is not bool(problem)


def test_a_report_with_only_skipped_checks_does_not_pass() -> None:
    assert not has_passed([SKIP], REQUIRED)
    assert not has_passed([], REQUIRED)


def test_skipped_checks_and_retried_requests_are_in_the_evidence() -> None:
    noted = {
        **PASS,
        "name": "issue",
        "not_checked": ["emoji: the tables are utf8mb3"],
        "retried": ["POST /x: answered 500"],
    }
    facts = require_passed({"checks": [noted, SKIP]}, "i-1", REQUIRED)
    assert facts["not_checked"] == ["issue: emoji: the tables are utf8mb3", f"attachment: takes none ({OFF})"]
    assert facts["retried"] == ["issue: POST /x: answered 500"]
    assert list_unchecked([PASS]) == list_retried([PASS]) == []


@pytest.mark.parametrize(("last", "good"), [(SKIP, True), ({**SKIP, "setting": ""}, False)])
def test_the_report_of_a_machine_is_evaluated_in_the_same_way(last: dict[str, Any], good: bool) -> None:
    checks = (PASS, last)
    made = Report(run_id="r", instance_id="i", launch="TEST", outcome="pass", checks=checks, reason="")
    assert made.is_passed(REQUIRED) is good
    body = {"outcome": "pass", "instance_id": "i", "checks": checks}
    if good:
        assert report.accept(body, "i", REQUIRED)["not_checked"] == [f"attachment: takes none ({OFF})"]
    else:
        with pytest.raises(StepFailed, match="no setting of the site explains it"):
            report.accept(body, "i", REQUIRED)
