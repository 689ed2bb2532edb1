"""The evaluation of the report of a launched replica: its outcome counts, whatever its checks are."""

from __future__ import annotations

from typing import Any

import pytest
from common.errors import StepFailed
from procedure.logic.report import accept

PASSED: dict[str, Any] = {"instance_id": "i-1", "outcome": "pass", "checks": [{"name": "login", "outcome": "pass"}]}


def test_a_report_of_a_passed_launch_is_accepted() -> None:
    assert accept(PASSED, "i-1", ["login"])["checks"] == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outcome": "fail", "reason": "no space left"}, "no space left"),
        ({"outcome": "fail"}, "fail without a reason"),
        ({"outcome": ""}, "fail without a reason"),
        ({"instance_id": "i-2"}, "the report came from i-2"),
        ({"checks": []}, "not checked is not passed"),
    ],
)
def test_every_other_report_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(StepFailed, match=words):
        accept({**PASSED, **change}, "i-1", ["login"])
