"""Check a definition when a state machine is created or changed: its form, and that each transition leads to a state.

The form is AWS's schema as cfn-lint carries it. https://states-language.net/spec.html#transitions,
https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html (InvalidDefinition)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import cfnlint.data.schemas.other.step_functions as step_functions  # type: ignore[import-untyped]
from cfnlint.helpers import load_resource  # type: ignore[import-untyped]
from cfnlint.jsonschema import StandardValidator  # type: ignore[import-untyped]

from rehearsal.aws.registry import Registry

KIND = "AWS::StepFunctions::StateMachine"
Validate = Callable[[object], str | None]


def install(registry: Registry) -> None:
    """Register the check for the API and for CloudFormation, which ministack handles in two places."""
    theirs: Validate = registry.get_function("stepfunctions", "_validate_definition_jsonata")

    def find_rejection(definition: object) -> str | None:
        return (find_definition_problem(definition) if isinstance(definition, str) else None) or theirs(definition)

    def check_definition(properties: dict[str, Any]) -> dict[str, Any]:
        given = properties.get("DefinitionString") or json.dumps(properties.get("Definition"))
        if not properties.get("DefinitionSubstitutions") and (reason := find_rejection(given)):
            raise ValueError(f"Invalid State Machine Definition: '{reason}' (InvalidDefinition)")
        return properties

    registry.replace_function("stepfunctions", "_validate_definition_jsonata", find_rejection)
    registry.wrap_type(KIND, before=check_definition)


def find_definition_problem(text: str) -> str | None:
    """Return the first problem of a definition in Step Functions' format; None for a valid definition."""
    try:
        definition = json.loads(text)
    except ValueError as error:
        return f"INVALID_JSON_DESCRIPTION: {error}"
    if not isinstance(definition, Mapping):
        return "SCHEMA_VALIDATION_FAILED: the definition is no object"
    for fault in _load_validator().iter_errors(definition):
        return f"SCHEMA_VALIDATION_FAILED: {fault.message} at /{'/'.join(str(part) for part in fault.path)}"
    missing = next(_find_missing_targets(definition, ""), None)
    return f"MISSING_TRANSITION_TARGET: {missing}" if missing else None


@cache
def _load_validator() -> Any:
    return StandardValidator(load_resource(step_functions, "statemachine.json"))


def _find_missing_targets(machine: Mapping[str, Any], where: str) -> Iterator[str]:
    """Yield each transition to a state that does not exist in its own machine, branch or iteration."""
    states: Mapping[str, Any] = machine.get("States", {})
    for place, target in _list_transitions(machine):
        if target not in states:
            yield f"Missing 'Next' target: {target} at {where}{place}"
    for name, state in states.items():
        inner = {f"Branches/{index}": branch for index, branch in enumerate(state.get("Branches", []))}
        inner |= {key: state[key] for key in ("ItemProcessor", "Iterator") if key in state}
        for key, nested in inner.items():
            yield from _find_missing_targets(nested, f"{where}/States/{name}/{key}")


def _list_transitions(machine: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "/StartAt", machine["StartAt"]
    for name, state in machine.get("States", {}).items():
        for key in ("Next", "Default"):
            if key in state:
                yield f"/States/{name}/{key}", state[key]
        for key in ("Choices", "Catch"):
            for index, rule in enumerate(state.get(key, [])):
                if "Next" in rule:
                    yield f"/States/{name}/{key}/{index}/Next", rule["Next"]
