"""Walks a synthesized state machine against a function in this process: the real definition, the real steps, time that does not pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from common.errors import CutoverError

MOST_STATES = 6000


class FunctionError(Exception):
    """What Step Functions receives for a function that did not respond, under the name that it matches in Retry and Catch."""

    def __init__(self, name: str, message: str = "") -> None:
        super().__init__(message)
        self.name = name


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
                result.status, result.state = "FAILED", data
                with suppress(KeyError):  # a path that leads nowhere ends the execution too, without a cause
                    result.cause = json.loads(_get(data, state["CausePath"]))
                return result
            case "Wait":
                wait(state["Seconds"])
                name = state["Next"]
            case "Pass":
                result_here = state["Result"] if "Result" in state else _filled(state["Parameters"], data)
                data = {**data, state["ResultPath"].removeprefix("$."): result_here}
                name = state["Next"]
            case "Choice":
                name = next((c["Next"] for c in state["Choices"] if _holds(c, data)), state.get("Default", ""))
            case "Task":
                name, data = _task(state, data, call, wait)
    raise AssertionError(f"the machine does not end: {result.path[-20:]}")


def _task(
    state: Mapping[str, Any], data: dict[str, Any], call: Callable[..., Any], wait: Callable[[float], None]
) -> tuple[str, dict[str, Any]]:
    event = _filled(state["Parameters"], data)
    tries: dict[int, int] = {}
    while True:
        try:
            answer = json.loads(json.dumps(call(json.loads(json.dumps(event)))))
        except (CutoverError, FunctionError) as error:
            kind = error.name if isinstance(error, FunctionError) else type(error).__name__
            retrier = next((i for i, r in enumerate(state.get("Retry", [])) if kind in r["ErrorEquals"]), None)
            if retrier is not None and tries.get(retrier, 0) < state["Retry"][retrier]["MaxAttempts"]:
                rule, done = state["Retry"][retrier], tries.get(retrier, 0)
                tries[retrier] = done + 1
                wait(min(rule["IntervalSeconds"] * rule["BackoffRate"] ** done, rule["MaxDelaySeconds"]))
                continue
            cause = {"Cause": json.dumps({"errorType": kind, "errorMessage": str(error)})} if str(error) else {}
            catch = state["Catch"][0]
            return catch["Next"], {**data, catch["ResultPath"].removeprefix("$."): {"Error": kind, **cause}}
        return state["Next"], {**data, state["ResultPath"].removeprefix("$."): answer}


def _filled(template: Mapping[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    return {k.removesuffix(".$"): _get(data, v) if k.endswith(".$") else v for k, v in template.items()}


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
