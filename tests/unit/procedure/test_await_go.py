"""The go by hand: a run waits for it before its window, and the source serves meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from common.clients.machines import CommandResult
from common.clock import format_iso
from common.gate import Gate
from common.run import Run
from procedure.dry_run import DryTools
from procedure.registry import Registry

from tests.unit.procedure.asl import FunctionError, walk
from tests.unit.procedure.conftest import Execute, run_machine
from tests.unit.procedure.gate_checks import FREEZE, RUN, read_evidence, require_not_frozen
from tests.unit.procedure.gated import MANUAL, WHO, build_gated_definitions, execute_gated, give_go_when_awaited
from tests.unit.procedure.people import FakePeople
from tests.unit.procedure.safety import left_undone
from tests.unit.procedure.world import SETTINGS, World


def test_a_run_waits_for_the_go_and_keeps_who_gave_it(world: World) -> None:
    waited: list[str] = []

    def look(world: World) -> None:
        assert FREEZE not in world.action_log
        waited.append(world.runs.read().waiting_for)
        if len(waited) > 200:
            give_go_when_awaited(world)

    result = execute_gated(world, MANUAL, look=look)

    assert result.status == "SUCCEEDED"
    assert "the go of an operator" in waited[-1]
    assert "the window would take about" in waited[-1]
    evidence = read_evidence(world, "15-await-go")["facts"]
    assert (evidence["go"], evidence["by"]) == ("manual", WHO)
    record = world.runs.read()
    assert (record.go_state, record.go_by, record.waiting_for) == ("begun", WHO, "")


def test_people_get_one_message_when_the_run_is_ready(world: World) -> None:
    people = FakePeople(world)
    world.people_messages = people
    waits: list[float] = []

    def look(world: World) -> None:
        waits.append(world.clock.now())
        if len(waits) > 50:
            give_go_when_awaited(world)

    execute_gated(world, MANUAL, look=look)

    message = people.get("ready")
    assert people.events[:2] == ["ready", "frozen"]
    assert message.command == "cutover go"
    assert f"waits until {format_iso(waits[0] + 1800)[:13]}" in message.happened
    assert "The window will take about" in message.happened


def test_the_window_begins_seconds_after_the_go(world: World) -> None:
    given: list[float] = []

    def look(world: World) -> None:
        give_go_when_awaited(world)
        if not given and world.runs.read().go_state == "given":
            given.append(world.clock.now())

    execute_gated(world, MANUAL, look=look)

    frozen = read_evidence(world, "15-freeze")["began"]
    assert frozen <= format_iso(given[0] + 5)


def test_without_a_go_the_run_fails_after_its_limit_and_the_source_serves(world: World) -> None:
    result = execute_gated(world, MANUAL, limit=300)

    assert result.status == "FAILED"
    assert "after 300 s still waiting for the go of an operator" in result.cause["reason"]
    assert FREEZE not in world.action_log
    assert world.source.accepts_writes
    assert left_undone(world) == []


def test_a_hold_takes_the_go_back_until_the_window_begins(world: World) -> None:
    # Given a go before the maintenance window, and a hold
    opens_at = world.clock.now() + 600
    states: list[str] = []

    def look(world: World) -> None:
        record = world.runs.read()
        if record.go_state == "awaited" and "given" not in states:
            assert world.runs.give_go(RUN, by=WHO)
        elif record.go_state == "given":
            assert world.runs.hold(RUN, by=WHO)
        states.append(record.go_state)

    result = execute_gated(world, Gate(go="manual", opens_at=opens_at), look=look, limit=900)

    # Then the run waits for another go, although the maintenance window has begun
    assert "given" in states
    assert result.status == "FAILED"
    assert "still waiting for the go of an operator" in result.cause["reason"]
    assert FREEZE not in world.action_log


def test_a_request_to_stop_ends_the_wait_within_seconds(world: World) -> None:
    requested: list[float] = []

    def look(world: World) -> None:
        if world.runs.read().go_state == "awaited" and not requested:
            assert world.runs.request_abort(RUN, "stopped by the operator")
            requested.append(world.clock.now())

    result = execute_gated(world, MANUAL, look=look)

    assert result.status == "FAILED"
    assert result.cause["reason"] == "stopped by the operator"
    assert FREEZE not in world.action_log
    assert read_evidence(world, "15-await-go")["ended"] <= format_iso(requested[0] + 2)


def test_the_deploy_ends_the_wait_while_a_window_still_fits(world: World) -> None:
    deadline = world.clock.now() + 1000
    result = execute_gated(world, MANUAL, deadline=deadline)

    require_not_frozen(world, result)
    assert "before the deploy gives up" in result.cause["reason"]
    assert deadline - 95 < world.clock.now() < deadline


def test_a_state_machine_without_the_step_does_not_freeze_a_site_with_a_gate(
    world: World, definitions: dict[str, Any]
) -> None:
    class GatedRegistry(Registry):
        def __init__(self, settings: Any, *rest: Any) -> None:
            super().__init__(replace(settings, gate=MANUAL), *rest)

    result = run_machine(world, definitions, "cutover", registry_class=GatedRegistry)

    require_not_frozen(world, result)
    assert "deploy MigrationStack again" in result.cause["next"]


def test_a_run_without_a_gate_writes_nothing_about_a_go(world: World, execute: Execute) -> None:
    assert execute("cutover").status == "SUCCEEDED"

    record = world.runs.read()
    assert (record.go_state, record.go_by, record.go_at) == ("", "", 0.0)
    assert not any("await-go" in name for name in world.files)


def test_a_dry_run_waits_for_nobody(world: World) -> None:
    raw = {"run_id": "dry", "kind": "cutover", "cutover_id": "m1", "dry_run": True, "target": {}}
    settings = replace(SETTINGS, gate=Gate(go="manual", opens_at=world.clock.now() + 90000))
    registry = Registry(settings, DryTools(world, Run.parse(raw), lambda _: None), world.clock, lambda *_: None)

    result = walk(build_gated_definitions()["cutover"], {"run": raw, "memory": {}}, registry.invoke, world.clock.sleep)

    assert result.status == "SUCCEEDED", result.cause
    assert world.action_log == []


def test_the_next_run_does_not_inherit_the_go(world: World) -> None:
    def look(world: World) -> None:
        give_go_when_awaited(world)

    world.responses["freeze"] = lambda *_: CommandResult(ok=False, facts={"ok": False, "reason": "no", "next": "x"})
    execute_gated(world, MANUAL, look=look)
    assert world.runs.read().go_state == "begun"

    world.runs.acquire("m2", "cutover", seconds=900)

    assert world.runs.read().go_state == ""


@pytest.mark.parametrize("state", ["awaited", "begun"])
def test_a_lost_response_of_the_run_record_changes_nothing(world: World, state: str) -> None:
    lost: list[str] = []

    def watcher(what: str) -> None:
        if what == "record" and not lost and world.runs.read().go_state == state:
            lost.append(state)
            raise ClientError(
                {"Error": {"Code": "InternalServerError", "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 500}},  # type: ignore[typeddict-item]
                "UpdateItem",
            )

    world.watchers.append(watcher)

    assert execute_gated(world, MANUAL, look=give_go_when_awaited).status == "SUCCEEDED"
    assert lost == [state]


@pytest.mark.parametrize("name", ["Lambda.Unknown", "States.Timeout"])
def test_an_invocation_that_dies_is_repeated_and_one_that_always_dies_leaves_the_source_serving(
    world: World, name: str
) -> None:
    deaths: list[str] = []

    def die_once(step: str) -> None:
        if step == "await-go" and not deaths:
            deaths.append(step)
            raise FunctionError(name)

    assert execute_gated(world, MANUAL, look=give_go_when_awaited, before=die_once).status == "SUCCEEDED"
    assert deaths

    def die(step: str) -> None:
        if step == "await-go":
            raise FunctionError(name)

    other = World()
    result = execute_gated(other, MANUAL, look=give_go_when_awaited, before=die)

    assert result.status == "FAILED"
    assert FREEZE not in other.action_log
    assert other.source.accepts_writes
    assert left_undone(other) == []
