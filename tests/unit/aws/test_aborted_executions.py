"""StopExecution ends the retries of a task. The test runs ministack's own loop, with a task that always fails."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from ministack import app  # type: ignore[import-untyped]

from rehearsal.aws import aborted_executions
from rehearsal.aws.registry import Registry

DEFINITION = {
    "StartAt": "Try",
    "States": {
        "Try": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:000000000000:function:never",
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 1.0, "MaxAttempts": 99}],
            "End": True,
        }
    },
}


def test_a_stopped_execution_does_not_retry_its_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given an execution that waits between two attempts, when it is stopped, then its thread ends and it stays ABORTED."""
    functions: Any = app._get_module("stepfunctions")
    waiting, resume, attempts = threading.Event(), threading.Event(), []

    def invoke(*_: Any) -> None:
        attempts.append(1)
        raise functions._ExecutionError("Failed", "as ever")

    def sleep(_: float) -> None:
        waiting.set()
        assert resume.wait(10)

    for name, instead in {"_invoke_resource": invoke, "_scaled_sleep": sleep}.items():
        monkeypatch.setattr(functions, name, instead)
    for name in ("_add_event", "_run_execution"):  # restore these after the test
        monkeypatch.setattr(functions, name, getattr(functions, name))
    aborted_executions.install(Registry())
    before = set(threading.enumerate())
    machine = call(functions._create_state_machine, name="tries", definition=json.dumps(DEFINITION), roleArn="r")
    run = call(functions._start_execution, stateMachineArn=machine["stateMachineArn"])["executionArn"]
    assert waiting.wait(10)

    call(functions._stop_execution, executionArn=run)
    resume.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(10)

    assert len(attempts) == 1
    execution = call(functions._describe_execution, executionArn=run)
    assert execution["status"] == "ABORTED"
    events = call(functions._get_execution_history, executionArn=run)["events"]
    assert events[-1]["type"] == "ExecutionAborted"


def call(action: Any, **values: Any) -> dict[str, Any]:
    status, _, body = action(values)
    assert status == 200, body
    found: dict[str, Any] = json.loads(body)
    return found
