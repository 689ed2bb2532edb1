"""A suspension and a takeover with a fault after each single change: the replica is always somebody's, and the next deploy migrates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest

from tests.unit.procedure.deploy import Around, Deploy, Invoke, StateMachine
from tests.unit.procedure.faults import RAISED, AtChange, AtStep, broken, stopped
from tests.unit.procedure.resuming import MINUTES, expire
from tests.unit.procedure.safety import Safety, not_finished
from tests.unit.procedure.world import SETTINGS, World

FAULTS = {"crashes": RAISED["crashes"], "stopped": stopped, "has a defect": RAISED["has a defect"]}
UNFINISHED = (("crashes", "await-job"), ("has a defect", "await-job"), ("crashes", "await-bulk"))
"""what is taken over when the run has failed before the end of its launch or of its copy"""
RESUMING = replace(SETTINGS, resume_minutes=MINUTES)


def deploy(world: World, definitions: Mapping[str, Any], name: str, *arounds: Around, stack_status: str = "") -> Deploy:
    """Deploy a cutover. A failed one is deleted by CloudFormation, as it does while it rolls the stack back."""

    def around(invoke: Invoke, event: dict[str, Any]) -> Any:
        return reduce(lambda inner, outer: lambda e: outer(inner, e), arounds, invoke)(event)

    machine = StateMachine(definitions["cutover"], world, around, settings=RESUMING)
    made = Deploy(world, machine, "cutover", request_id=name, stack_status=stack_status or "ROLLBACK_IN_PROGRESS")
    return made.run()


def assert_replica_is_known(world: World, failed: Deploy) -> None:
    """A replica that is left is kept for the next run, or a warning names it."""
    record = world.runs.read()
    assert world.source.accepts_writes
    assert record.lock_expires == 0
    if world.replica:
        assert record.suspended or "replica" in failed.warnings(), (failed.reason, failed.warnings())


def assert_next_deploy_migrates(world: World, definitions: Mapping[str, Any], *, launches: int) -> None:
    last = deploy(world, definitions, "last")
    assert last.data is not None, last.reason
    assert not_finished(world) == []
    assert world.runs.read().suspended is None
    assert world.action_log.count("launch CUTOVER") <= launches


@pytest.mark.parametrize("name", FAULTS)
def test_a_run_is_suspended_with_a_fault_after_one_change(definitions: dict[str, Any], name: str) -> None:
    number = suspended = 0
    while True:
        world = World()
        world.watchers.append(Safety(world))
        fault = AtChange(world, number, raised=FAULTS[name])
        world.watchers.append(fault.changed)
        failed = deploy(world, definitions, "first", AtStep(world, "freeze", broken, ever=True), fault)
        if not fault.name:
            break
        number += 1
        if failed.data is not None:  # the fault was the end of the step that fails: no run ends well here
            raise AssertionError(failed)
        suspended += bool(world.runs.read().suspended)
        assert_replica_is_known(world, failed)
        assert_next_deploy_migrates(world, definitions, launches=2)
    assert number > 10
    assert suspended > 0


@pytest.mark.parametrize(("name", "failed_in"), [*((name, "verify") for name in FAULTS), *UNFINISHED])
def test_a_replica_is_taken_over_with_a_fault_after_one_change(
    definitions: dict[str, Any], name: str, failed_in: str
) -> None:
    number = 0
    while True:
        world = World()
        world.watchers.append(Safety(world))
        deploy(world, definitions, "first", AtStep(world, failed_in, broken, ever=True))
        assert world.runs.read().suspended
        fault = AtChange(world, number, raised=FAULTS[name])
        world.watchers.append(fault.changed)
        second = deploy(world, definitions, "second", AtStep(world, "freeze", broken, ever=True), fault)
        if not fault.name:
            break
        number += 1
        assert second.data is None
        assert_replica_is_known(world, second)
        assert_next_deploy_migrates(world, definitions, launches=2)
    assert number > 10


@pytest.mark.parametrize("failed_in", ["verify", "await-job"])
@pytest.mark.parametrize("moment", range(40))
def test_a_removal_that_races_with_a_takeover(definitions: dict[str, Any], moment: int, failed_in: str) -> None:
    """The schedule looks after each change of the next run, when the time of the replica has just ended."""
    world = World()
    world.watchers.append(Safety(world))
    deploy(world, definitions, "first", AtStep(world, failed_in, broken, ever=True))
    world.clock.sleep(world.runs.read().suspension.until - world.clock.now() - 1)  # type: ignore[union-attr]
    seen = 0

    def look(_what: str) -> None:
        nonlocal seen
        seen += 1
        if seen == moment:
            world.clock.sleep(2)
            expire(world)

    world.watchers.append(look)
    second = deploy(world, definitions, "second")

    assert second.data is not None, second.reason
    assert not_finished(world) == []
    assert world.action_log.count("launch CUTOVER") <= 2


def test_a_person_who_destroys_the_stack_removes_the_replica(definitions: dict[str, Any]) -> None:
    world = World()

    failed = deploy(
        world, definitions, "first", AtStep(world, "verify", broken, ever=True), stack_status="DELETE_IN_PROGRESS"
    )

    assert failed.gone
    assert world.replica == ""
    assert world.runs.read().suspended is None
