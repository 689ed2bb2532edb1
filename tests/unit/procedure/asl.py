"""Walks a synthesized state machine against a function in this process: the real definition, the real steps, time that does not pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.errors import CutoverError

MOST_STATES = 2000


@dataclass
class Result:
    status: str
    state: dict[str, Any]
    cause: dict[str, Any] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)

    @property
    def steps(self) -> list[str]:
        """Tasks in their order, each once in a row."""
        tasks = [name for name in self.path if ":" not in name]
        return [name for i, name in enumerate(tasks) if i == 0 or tasks[i - 1] != name]


def walk(
    definition: Mapping[str, Any],
    given: dict[str, Any],
    call: Callable[[dict[str, Any]], Any],
    wait: Callable[[float], None],
) -> Result:
    states, name, data = definition["States"], definition["StartAt"], given
    result = Result("", data)
    while len(result.path) < MOST_STATES:
        state = states[name]
        result.path.append(name)
        match state["Type"]:
            case "Succeed":
                result.status, result.state = "SUCCEEDED", data
                return result
            case "Fail":
                text = _get(data, state["CausePath"])
                result.status, result.state, result.cause = "FAILED", data, json.loads(text)
                return result
            case "Wait":
                wait(state["Seconds"])
                name = state["Next"]
            case "Pass":
                data = {**data, state["ResultPath"].removeprefix("$."): state["Result"]}
                name = state["Next"]
            case "Choice":
                name = next((c["Next"] for c in state["Choices"] if _holds(c, data)), state.get("Default", ""))
            case "Task":
                name, data = _task(state, data, call, wait)
    raise AssertionError(f"the machine does not end: {result.path[-20:]}")


def _task(
    state: Mapping[str, Any], data: dict[str, Any], call: Callable[..., Any], wait: Callable[[float], None]
) -> tuple[str, dict[str, Any]]:
    event = {k.removesuffix(".$"): _get(data, v) if k.endswith(".$") else v for k, v in state["Parameters"].items()}
    tries: dict[int, int] = {}
    while True:
        try:
            answer = json.loads(json.dumps(call(json.loads(json.dumps(event)))))
        except CutoverError as error:
            kind = type(error).__name__
            retrier = next((i for i, r in enumerate(state.get("Retry", [])) if kind in r["ErrorEquals"]), None)
            if retrier is not None and tries.get(retrier, 0) < state["Retry"][retrier]["MaxAttempts"]:
                tries[retrier] = tries.get(retrier, 0) + 1
                wait(state["Retry"][retrier]["IntervalSeconds"])
                continue
            caught = {"Error": kind, "Cause": json.dumps({"errorType": kind, "errorMessage": str(error)})}
            return state["Catch"][0]["Next"], {**data, "error": caught}
        return state["Next"], {**data, state["ResultPath"].removeprefix("$."): answer}


def _holds(rule: Mapping[str, Any], data: dict[str, Any]) -> bool:
    if "And" in rule:
        return all(_holds(part, data) for part in rule["And"])
    try:
        value = _get(data, rule["Variable"])
    except KeyError:
        assert "IsPresent" in rule, f"{rule['Variable']} is not there, which ends an execution"
        return False
    return bool(rule["IsPresent"]) if "IsPresent" in rule else bool(value == rule["BooleanEquals"])


def _get(data: Any, path: str) -> Any:
    for part in path.removeprefix("$.").split("."):
        data = data[part]
    return data
