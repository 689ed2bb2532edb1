"""The state of an execution: what is written is read again, what is not known is refused, and it stays small."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from common.errors import StepFailed
from common.run import Run
from procedure.registry import Registry
from procedure.state.commands import Call, Command
from procedure.state.comparison import ComparisonState
from procedure.state.part import Part
from procedure.state.state import State

from tests.unit.procedure.asl import Result, walk
from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import APP
from tests.unit.procedure.world import SETTINGS, World

SMALL_BYTES = 20_000
"""of the 256 KB that Step Functions carries"""


def through_json(state: State) -> State:
    return State.parse(json.loads(json.dumps(state.to_json())))


def test_an_empty_execution_has_an_empty_state() -> None:
    assert State.parse({}) == State() == State.parse(None)


def test_every_state_has_the_fields_that_choices_read() -> None:
    assert State().to_json() == {"done": False, "committed": False}


def test_a_state_survives_serialization() -> None:
    state = State(
        done=True,
        began={"verify": 1_800_000_000.0},
        warnings=["look"],
        calls={Command.SERVE_LIVE: {"i-1": Call(sent_at=1.5, tries=2, command_id="c")}},
        comparison=ComparisonState(written_tables=[], written_key_ranges={"issue": [[7, 9]]}),
    )
    state.target.previous_record_sets = {"git.example.com": [{"Name": "git.example.com", "TTL": 60}]}
    state.outputs.window_seconds = 4.0

    assert through_json(state) == state


def test_no_written_tables_differs_from_unknown_written_tables() -> None:
    assert through_json(State()).comparison.written_tables is None
    assert through_json(State(comparison=ComparisonState(written_tables=[]))).comparison.written_tables == []


def test_a_timestamp_without_a_fraction_is_read() -> None:
    assert State.parse({"window": {"frozen_at": 1_800_000_000}}).window.frozen_at == 1_800_000_000.0


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"moment": "1:2"}, "memory has unknown keys: moment"),
        ({"window": {"frozen_since": 1.0, "drained": ""}}, "memory.window has unknown keys: drained, frozen_since"),
        ({"calls": {"renwe": {}}}, "memory.calls has an unknown key: renwe"),
        ({"calls": {"renew": {"i-1": {"sent": 1}}}}, "memory.calls.renew.i-1 has unknown keys: sent"),
        ({"window": {"frozen_at": "now"}}, "memory.window.frozen_at is 'now', not of type float"),
        ({"done": 1}, "memory.done is 1, not of type bool"),
        ({"warnings": "look"}, "memory.warnings is 'look', not of type list"),
        ({"warnings": [1]}, "memory.warnings is 1, not of type str"),
        ([1], "memory is [1], not of type dict"),
    ],
)
def test_an_unknown_field_is_rejected_by_name(raw: Any, reason: str) -> None:
    with pytest.raises(StepFailed, match="deploy again") as refused:
        State.parse(raw)
    assert refused.value.reason == f"the state of the execution cannot be read: {reason}"


def every_part(part: Part) -> list[Part]:
    inner = [getattr(part, field.name) for field in fields(part)]
    return [part, *(one for value in inner if isinstance(value, Part) for one in every_part(value))]


def test_every_part_of_the_state_starts_empty() -> None:
    assert [type(part)() for part in every_part(State())] == every_part(State())


@pytest.mark.parametrize("kind", ["test-launch", "cutover"])
def test_the_state_is_the_same_and_small_at_every_step_boundary(
    world: World, definitions: dict[str, Any], kind: str
) -> None:
    raw = {"run_id": "m1", "kind": kind, "cutover_id": "m1", "target": {}}
    world.run = Run.parse(raw)
    registry = Registry(SETTINGS, world, world.clock, lambda *_: None)
    sizes: list[int] = []

    def call(event: dict[str, Any]) -> Any:
        answer = registry.invoke(event)
        assert State.parse(json.loads(json.dumps(answer))).to_json() == answer
        sizes.append(len(json.dumps(answer)))
        return answer

    walk(definitions[kind], {"run": raw, "memory": {}}, call, world.clock.sleep)

    assert len(sizes) > 5
    assert max(sizes) < SMALL_BYTES


def test_a_retried_step_starts_from_its_input_state(world: World, execute: Execute) -> None:
    """A command that was sent by an invocation whose answer was lost is sent again: verbs are idempotent, and nothing is left half known."""
    lost = iter([True])

    def unreachable(instance: str, verb: str, _options: Any) -> bool:
        return (instance, verb) == (APP, "allow-delta") and next(lost, False)

    world.unreachable = unreachable

    assert execute("cutover").status == "SUCCEEDED"
    assert [verb for _, verb, _ in world.sent.values()].count("delta-key") == 2


def spoil(world: World, definitions: dict[str, Any], step: str) -> Result:
    """Run a cutover of which one step gets a state of another version."""
    raw = {"run_id": "m1-c-1", "kind": "cutover", "cutover_id": "m1", "target": {}}
    world.run = Run.parse(raw)
    registry = Registry(SETTINGS, world, world.clock, lambda *_: None)

    def call(event: dict[str, Any]) -> Any:
        if event["step"] == step:
            event["memory"]["of_another_version"] = 1
        return registry.invoke(event)

    return walk(definitions["cutover"], {"run": raw, "memory": {}}, call, world.clock.sleep)


def test_a_run_with_an_unreadable_state_does_not_commit(world: World, definitions: dict[str, Any]) -> None:
    result = spoil(world, definitions, "delta")

    assert result.status == "FAILED"
    assert result.cause["phase"] == "Delta"
    assert result.cause["reason"].endswith("memory has unknown keys: of_another_version")
    assert world.source.accepts_writes


@pytest.mark.parametrize("step", ["rollback-source", "decide-rollback"])
def test_the_rollback_works_without_the_state(world: World, definitions: dict[str, Any], step: str) -> None:
    world.responses["delta"] = failing_response("it broke")

    result = spoil(world, definitions, step)

    assert result.status == "FAILED"
    assert world.source.accepts_writes
    assert world.runs.read().lock_expires == 0


def test_target_traffic_is_allowed_after_the_commit_without_the_state(
    world: World, definitions: dict[str, Any]
) -> None:
    result = spoil(world, definitions, "admit")

    assert result.status == "SUCCEEDED"
    assert world.everyone_admitted
    warnings = json.loads(world.files["runs/m1-c-1/outputs.json"])["warnings"]
    assert any("of_another_version" in warning for warning in warnings)
