"""The delay of the local Step Functions before a retry. The tests run ministack's own loop, with a task that always fails."""

from __future__ import annotations

from typing import Any

import pytest
from ministack import app  # type: ignore[import-untyped]

from rehearsal.aws import retry_delays
from rehearsal.aws.registry import Registry

RETRY = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 7, "MaxDelaySeconds": 20}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    functions: Any = app._get_module("stepfunctions")
    found: list[float] = []

    def fail(*_: Any) -> None:
        raise functions._ExecutionError("Failed", "as ever")

    monkeypatch.setattr(functions, "_invoke_resource", fail)
    monkeypatch.setattr(functions, "_scaled_sleep", found.append)
    monkeypatch.setattr(functions, "_find_matching_retrier", functions._find_matching_retrier)
    retry_delays.install(Registry())
    return found


def run(retry: dict[str, Any]) -> None:
    functions: Any = app._get_module("stepfunctions")
    state = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:never", "Retry": [retry]}
    with pytest.raises(functions._ExecutionError, match="as ever"):
        functions._execute_task(state, {}, {"events": []}, {"State": {}})


def test_delays_grow_to_the_maximum(waits: list[float]) -> None:
    run(RETRY)
    assert waits == [1, 2, 4, 8, 16, 20, 20]


def test_full_jitter_shortens_the_delays_at_random(waits: list[float]) -> None:
    run({**RETRY, "JitterStrategy": "FULL"})
    assert len(waits) == 7
    assert all(0 <= wait <= longest for wait, longest in zip(waits, [1, 2, 4, 8, 16, 20, 20], strict=True))
    assert waits != [1, 2, 4, 8, 16, 20, 20]


def test_delays_double_without_a_maximum(waits: list[float]) -> None:
    run({"ErrorEquals": ["States.ALL"], "MaxAttempts": 4})
    assert waits == [1, 2, 4, 8]
