"""The local Step Functions rejects definitions and ends executions as AWS does: ministack's own engine with our rules."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ministack import app  # type: ignore[import-untyped]
from ministack.services.cloudformation import provisioners  # type: ignore[import-untyped]

from rehearsal.aws import aborted_executions, state_machines
from rehearsal.aws.registry import Registry
from rehearsal.aws.state_machines.definitions import KIND, find_definition_problem
from rehearsal.aws.state_machines.definitions import install as install_definitions
from tests.unit.procedure.conftest import definitions
from tests.waiting import wait_until

__all__ = ["definitions"]

REPLACED = ("_validate_definition_jsonata", "_resolve_path", "_evaluate_rule", "_error_matches", "_run_execution", "_add_event")  # fmt: skip


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    found: Any = app._get_module("stepfunctions")
    for name in REPLACED:  # restore these after the test
        monkeypatch.setattr(found, name, getattr(found, name))
    registry = Registry()
    monkeypatch.setattr(registry, "wrap_type", lambda *_, **__: None)
    aborted_executions.install(registry)
    state_machines.install(registry)
    yield found
    found.reset()


def call(action: Any, **values: Any) -> dict[str, Any]:
    status, _, body = action(values)
    assert status == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


def run(functions: Any, states: dict[str, Any], given: Any, **top: Any) -> dict[str, Any]:
    """Run an execution and return its description after its thread has ended."""
    before = set(threading.enumerate())
    definition = json.dumps({"StartAt": next(iter(states)), "States": states, **top})
    machine = call(functions._create_state_machine, name="m", definition=definition, roleArn="arn:aws:iam::000000000000:role/r")  # fmt: skip
    started = call(functions._start_execution, stateMachineArn=machine["stateMachineArn"], input=json.dumps(given))

    def ended() -> bool:
        return bool(call(functions._describe_execution, executionArn=started["executionArn"])["status"] != "RUNNING")

    wait_until(ended, "the execution ends", interval_seconds=0.01)
    for thread in set(threading.enumerate()) - before:
        thread.join(20)
    return call(functions._describe_execution, executionArn=started["executionArn"])


PASS = {"Type": "Pass", "End": True}


@pytest.mark.parametrize(
    "state",
    [
        {**PASS, "InputPath": "$.missing"},
        {**PASS, "OutputPath": "$.present.missing"},
        {**PASS, "Parameters": {"x.$": "$.missing"}},
        {**PASS, "Parameters": {"x.$": "$.items[2]"}},
        {**PASS, "Parameters": {"x.$": "$$.Execution.Missing"}},
        {**PASS, "Parameters": {"x.$": "States.Format('{}', $.missing)"}},
        {"Type": "Choice", "Choices": [{"Variable": "$.missing", "IsNull": True, "Next": "After"}], "Default": "After"},
        {"Type": "Wait", "SecondsPath": "$.missing", "End": True},
    ],
)
def test_a_path_that_selects_nothing_ends_the_execution(functions: Any, state: dict[str, Any]) -> None:
    done = run(functions, {"State": state, "After": {"Type": "Succeed"}}, {"present": {}, "items": [1, 2]})
    assert (done["status"], done["error"]) == ("FAILED", "States.Runtime")
    assert "selects nothing" in done["cause"]


def test_a_path_may_select_null_and_a_wildcard_an_empty_list(functions: Any) -> None:
    done = run(functions, {"State": {**PASS, "Parameters": {"x.$": "$.null", "y.$": "$.items[*]"}}}, {"null": None, "items": []})  # fmt: skip
    assert json.loads(done["output"]) == {"x": None, "y": []}


@pytest.mark.parametrize(("given", "expected"), [({}, "absent"), ({"x": None}, "present")])
def test_is_present_of_a_missing_path_is_false(functions: Any, given: dict[str, Any], expected: str) -> None:
    states = {
        "Check": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "present"}], "Default": "absent"},
        "present": {**PASS, "Result": "present"},
        "absent": {**PASS, "Result": "absent"},
    }  # fmt: skip
    assert json.loads(run(functions, states, given)["output"]) == expected


def test_a_catch_does_not_handle_a_runtime_error(functions: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "_invoke_resource", lambda *_: {"done": True})
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "After"}]
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "ResultSelector": {"x.$": "$.missing"}, "Catch": caught, "Next": "After"}  # fmt: skip
    assert run(functions, {"Task": task, "After": {"Type": "Succeed"}}, {})["error"] == "States.Runtime"


def test_an_execution_beyond_its_time_limit_is_ended(functions: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a limit of one second and a state that waits longer, then the execution ends as TIMED_OUT and enters no other state."""
    ended = threading.Event()
    publish = functions._emit_execution_status_event
    monkeypatch.setattr(functions, "_scaled_sleep", lambda _: ended.wait(20))

    def publish_and_observe(execution: dict[str, Any]) -> None:
        publish(execution)
        if execution["status"] == "TIMED_OUT":
            ended.set()

    monkeypatch.setattr(functions, "_emit_execution_status_event", publish_and_observe)
    state_machines.time_limit.install(Registry())

    done = run(functions, {"Wait": {"Type": "Wait", "Seconds": 60, "Next": "After"}, "After": {"Type": "Succeed"}}, {}, TimeoutSeconds=1)  # fmt: skip

    assert (done["status"], done["error"]) == ("TIMED_OUT", "States.Timeout")
    assert done["output"] is None
    events = call(functions._get_execution_history, executionArn=done["executionArn"])["events"]
    assert [one["type"] for one in events] == ["ExecutionStarted", "WaitStateEntered", "ExecutionTimedOut"]


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


END = {"Type": "Succeed"}
INVALID: dict[str, tuple[Any, str]] = {
    "start": ({"StartAt": "B", "States": {"A": END}}, "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /StartAt"),
    "next": (machine(A={"Type": "Pass", "Next": "B"}), "target: B at /States/A/Next"),
    "default": (machine(A={"Type": "Choice", "Choices": [{"Variable": "$", "IsPresent": True, "Next": "C"}], "Default": "B"}, C=END), "target: B at /States/A/Default"),
    "choice": (machine(A={"Type": "Choice", "Choices": [{"Variable": "$", "IsPresent": True, "Next": "B"}]}), "target: B at /States/A/Choices/0/Next"),
    "catch": (machine(A={"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}], "End": True}), "target: B at /States/A/Catch/0/Next"),
    "branch": (machine(A={"Type": "Parallel", "Branches": [{"StartAt": "B", "States": {"C": END}}], "End": True}), "target: B at /States/A/Branches/0/StartAt"),
    "iteration": (machine(A={"Type": "Map", "ItemProcessor": {"StartAt": "B", "States": {"C": END}}, "End": True}), "target: B at /States/A/ItemProcessor/StartAt"),
    "no states": ({"StartAt": "A"}, "SCHEMA_VALIDATION_FAILED: 'States' is a required property"),
    "no start": ({"States": {"A": END}}, "SCHEMA_VALIDATION_FAILED: 'StartAt' is a required property"),
}  # fmt: skip


@pytest.mark.parametrize(("definition", "reason"), INVALID.values(), ids=INVALID)
def test_an_invalid_definition_is_rejected_at_creation(functions: Any, definition: Any, reason: str) -> None:
    status, _, body = functions._create_state_machine({"name": "m", "definition": json.dumps(definition), "roleArn": "arn:aws:iam::000000000000:role/r"})  # fmt: skip
    refused = json.loads(body)
    assert (status, refused["__type"]) == (400, "InvalidDefinition")
    assert reason in refused["message"]


def test_an_invalid_definition_in_a_stack_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {**provisioners._RESOURCE_HANDLERS}
    monkeypatch.setattr(provisioners, "_RESOURCE_HANDLERS", kept)
    monkeypatch.setattr(app._get_module("stepfunctions"), "_validate_definition_jsonata", lambda _: None)
    install_definitions(Registry())
    properties = {"DefinitionString": json.dumps(machine(A={"Type": "Pass", "Next": "B"})), "RoleArn": "r"}
    with pytest.raises(ValueError, match="Missing 'Next' target: B at /States/A/Next"):
        kept[KIND]["create"]("M", properties, "Stack")


def test_the_state_machines_of_the_product_are_accepted(definitions: dict[str, Any]) -> None:
    for definition in definitions.values():
        text = json.dumps(definition).replace('"function"', '"arn:aws:lambda:us-east-1:000000000000:function:f"')
        assert find_definition_problem(text) is None


def test_a_definition_that_is_not_json_is_rejected() -> None:
    assert str(find_definition_problem("{")).startswith("INVALID_JSON_DESCRIPTION")


def test_a_valid_definition_is_accepted() -> None:
    assert find_definition_problem(json.dumps(machine(A={"Type": "Pass", "Next": "B"}, B=END))) is None
