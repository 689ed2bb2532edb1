"""The simulators accept no request and give no answer that the service models do not know."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from tests.unit.mgn.conftest import Stage
from tests.unit.mgn.wire import Account


class Answering:
    """A service with one answer to everything."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer

    def do(self, _operation: str, _parameters: dict[str, Any]) -> dict[str, Any]:
        return self._answer


def test_an_unknown_parameter_is_refused(stage: Stage) -> None:
    with pytest.raises(ParamValidationError, match="Unknown parameter"):
        Account({"mgn": stage.mgn})("mgn").start_test(sourceServerIDs=[stage.server_id], clientToken="x")


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("start_test", {"sourceServerIDs": ["s-gogs-gogs-gogs-go"]}),
        ("change_server_life_cycle_state", {"sourceServerID": f"s-{1:017d}", "lifeCycle": {"state": "TESTING"}}),
        ("describe_jobs", {"filters": {"fromDate": "yesterday-afternoon-at-five"}}),
    ],
)
def test_a_value_outside_of_the_model_is_refused(stage: Stage, operation: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match=r"does not match|is none of"):
        getattr(Account({"mgn": stage.mgn})("mgn"), operation)(**parameters)
    assert stage.mgn.calls == []


@pytest.mark.parametrize(
    "answer",
    [
        {"items": [{"jobID": f"mgnjob-{1:017d}", "status": "FAILED"}]},
        {"items": [{"status": "STARTED"}]},
        {"jobs": []},
    ],
)
def test_a_response_outside_of_the_model_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        Account({"mgn": Answering(answer)})("mgn").describe_jobs(filters={})
