"""The gate before the freeze: a go by hand, a hold, a maintenance window, a longest window. The source serves while the run waits."""

from __future__ import annotations

import json
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
from tests.unit.procedure.gated import MANUAL, WHO, build_gated_definitions, execute_gated, give_go_when_awaited
from tests.unit.procedure.machines import APP, DATABASE, FakeMachines
from tests.unit.procedure.people import FakePeople
from tests.unit.procedure.safety import left_undone
from tests.unit.procedure.world import SETTINGS, World

RUN = "m1-cutover"
FREEZE = f"freeze on {APP}"


def read(world: World, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.files[f"runs/{RUN}/{name}.json"])
    return found


def require_not_frozen(world: World, result: Any) -> None:
    assert result.status == "FAILED"
    assert FREEZE not in world.action_log
    assert "the source was not touched" in result.cause["reason"]
    assert result.cause["next"]
    assert world.runs.read().waiting_for == ""
    assert left_undone(world) == []


# -- a go by hand ---------------------------------------------------------------------------------------------------


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
    evidence = read(world, "15-await-go")["facts"]
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

    frozen = read(world, "15-freeze")["began"]
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
    assert read(world, "15-await-go")["ended"] <= format_iso(requested[0] + 2)


def test_the_deploy_ends_the_wait_while_a_window_still_fits(world: World) -> None:
    deadline = world.clock.now() + 1000
    result = execute_gated(world, MANUAL, deadline=deadline)

    require_not_frozen(world, result)
    assert "before the deploy gives up" in result.cause["reason"]
    assert deadline - 95 < world.clock.now() < deadline


# -- what must not become old ---------------------------------------------------------------------------------------


def test_the_checks_are_repeated_while_the_run_waits(world: World) -> None:
    def look(world: World) -> None:
        began.append(world.clock.now())
        if began[-1] > began[0] + 300:
            give_go_when_awaited(world)

    began: list[float] = []
    assert execute_gated(world, MANUAL, look=look).status == "SUCCEEDED"

    sent = [(machine, verb) for machine, verb, _ in world.sent.values()]
    for check in ((APP, "check"), (DATABASE, "check"), (APP, "digest-program"), (DATABASE, "changed-tables")):
        assert 5 <= sent.count(check) <= 9, check
    assert read(world, "15-await-go")["facts"]["checked"] >= format_iso(began[-1] - 70)


def test_a_program_that_is_changed_while_the_run_waits_fails_it(world: World) -> None:
    def look(world: World) -> None:
        if world.runs.read().go_state == "awaited":
            world.responses["digest-program"] = lambda machine, _: CommandResult(
                ok=True, facts={"ok": True, "digests": {"opt/gogs/gogs": "new" if machine == APP else "33"}}
            )

    result = execute_gated(world, MANUAL, look=look)

    assert "was changed on the source after the test launch" in result.cause["reason"]
    assert FREEZE not in world.action_log


def test_a_source_that_has_a_problem_now_fails_the_run(world: World) -> None:
    check = FakeMachines.DATA["check"]

    def look(world: World) -> None:
        if world.runs.read().go_state == "awaited":
            facts = {"ok": True, **check, "database": {**check["database"], "tables_without_primary_key": ["gogs.new"]}}
            world.responses["check"] = lambda *_: CommandResult(ok=True, facts=facts)

    result = execute_gated(world, MANUAL, look=look)

    assert "gogs.new" in result.cause["reason"]
    assert result.cause["machine"] == DATABASE
    assert FREEZE not in world.action_log


def test_a_target_that_falls_behind_after_the_go_is_waited_for(world: World) -> None:
    phases: list[str] = []

    def look(world: World) -> None:
        record = world.runs.read()
        if record.go_state == "awaited" and len(phases) > 100:
            world.lag_seconds = 300.0  # found by the next check
        if "300 s behind" in record.waiting_for:
            give_go_when_awaited(world)
            if record.go_state == "given":
                world.lag_seconds = 1.0
        phases.append(record.waiting_for)

    assert execute_gated(world, MANUAL, look=look).status == "SUCCEEDED"
    assert any("the target is 300 s behind, at most 60 s are accepted" in text for text in phases)


def test_a_failed_replication_fails_the_run(world: World) -> None:
    def look(world: World) -> None:
        if world.runs.read().go_state == "awaited":
            world.task_status = "failed"

    result = execute_gated(world, MANUAL, look=look)

    assert "replication task rows has failed" in result.cause["reason"]
    assert FREEZE not in world.action_log


# -- the maintenance window -----------------------------------------------------------------------------------------


def test_an_automatic_run_begins_its_window_with_the_maintenance_window(world: World) -> None:
    opens_at = world.clock.now() + 900
    waited: list[str] = []

    result = execute_gated(
        world,
        Gate(opens_at=opens_at, closes_at=opens_at + 3600),
        look=lambda world: waited.append(world.runs.read().waiting_for),
    )

    assert result.status == "SUCCEEDED"
    assert f"the maintenance window, which begins at {format_iso(opens_at)}" in waited
    assert format_iso(opens_at) <= read(world, "15-freeze")["began"] <= format_iso(opens_at + 5)
    assert not any("go of an operator" in text for text in waited)


def test_a_maintenance_window_that_ends_before_the_go_rolls_the_run_back(world: World) -> None:
    closes_at = world.clock.now() + 900
    result = execute_gated(world, Gate(go="manual", opens_at=closes_at - 600, closes_at=closes_at))

    require_not_frozen(world, result)
    assert f"the maintenance window ended at {format_iso(closes_at)}" in result.cause["reason"]


def test_a_maintenance_window_that_is_too_short_for_the_predicted_window_is_not_used(world: World) -> None:
    closes_at = world.clock.now() + 900

    def look(world: World) -> None:
        if world.clock.now() > closes_at - 3:
            give_go_when_awaited(world)

    result = execute_gated(world, Gate(go="manual", opens_at=1.0, closes_at=closes_at), look=look)

    require_not_frozen(world, result)
    assert "the maintenance window ends in" in result.cause["reason"]


@pytest.mark.parametrize(
    ("opens", "closes", "reason"),
    [(-7200, -3600, "the maintenance window ended at"), (7200, 9000, "after the deploy has given up waiting")],
)
def test_a_maintenance_window_that_cannot_be_used_ends_the_run_before_it_launches(
    world: World, opens: int, closes: int, reason: str
) -> None:
    now = world.clock.now()
    result = execute_gated(world, Gate(opens_at=now + opens, closes_at=now + closes), deadline=now + 3120)

    require_not_frozen(world, result)
    assert reason in result.cause["reason"]
    assert result.cause["phase"] == "Preflight"
    assert "launch CUTOVER" not in world.action_log


# -- the longest window ---------------------------------------------------------------------------------------------


def test_a_window_that_is_predicted_to_be_too_long_is_not_begun(world: World) -> None:
    world.responses["changed-tables"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, **FakeMachines.DATA["changed-tables"], "tables": ["issue"], "other_statements": 0}
    )
    world.lag_seconds = 55.0
    result = execute_gated(world, Gate(max_window_seconds=30))

    require_not_frozen(world, result)
    assert "the window is predicted to take" in result.cause["reason"]
    assert "max_window_seconds allows 30" in result.cause["reason"]


def test_a_window_that_is_short_enough_begins_without_a_go(world: World) -> None:
    assert execute_gated(world, Gate(max_window_seconds=300)).status == "SUCCEEDED"

    facts = read(world, "15-await-go")["facts"]
    assert 0 < facts["predicted_window_seconds"] < 300
    assert facts["prediction"]["lag_seconds"] == 0.4


def test_a_window_that_cannot_be_predicted_is_not_begun(world: World) -> None:
    world.lag_seconds = None
    result = execute_gated(world, Gate(max_window_seconds=300))

    require_not_frozen(world, result)
    assert "the length of the window cannot be predicted" in result.cause["reason"]


# -- other machines and runs ----------------------------------------------------------------------------------------


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


# -- faults ---------------------------------------------------------------------------------------------------------


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
