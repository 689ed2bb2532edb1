"""Every fault at every place of a run ends in one of two ways, migrated or not migrated, and on the way there never two sites accept writes.

The places are taken from the plan and from an undisturbed run; no step is named here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial, reduce
from itertools import product
from typing import Any

import pytest
from common.run import Kind
from procedure import hook_steps, plan
from procedure.step import Step

from tests.unit.procedure.deploy import Around, Deploy, Invoke, StateMachine
from tests.unit.procedure.faults import (
    COMMAND_FAULTS,
    RAISED,
    AtChange,
    AtCommand,
    AtStep,
    AtWrite,
    Meanwhile,
    Recorder,
    broken,
    stopped,
)
from tests.unit.procedure.safety import Safety, left_undone, not_finished
from tests.unit.procedure.world import World

FORWARD: Mapping[Kind, tuple[Step, ...]] = {"test-launch": plan.TEST_LAUNCH, "cutover": plan.CUTOVER}
LAST_CHANCE: Mapping[Kind, str] = {"test-launch": plan.TEST_LAUNCH[-1].name, "cutover": plan.WINDOW[-1].name}
"""what fails in a run that goes all the way back"""
FIRST_UNDONE: Mapping[Kind, str] = {
    "test-launch": plan.TEST_LAUNCH_ROLLBACK[0].name,
    "cutover": plan.CUTOVER_ROLLBACK[0].name,
}
OPTIONAL = frozenset({plan.AWAIT_NAMES.name, plan.AWAIT_GO.name, *(step.name for step in hook_steps.HOOKS.values())})
"""steps that most runs do not have: test_await_names.py, test_await_go.py, hooks/"""
WAYS = ("forward", "back", "back with a warning")
Way = tuple[Kind, str]
EVERY_WAY: tuple[Way, ...] = tuple((kind, way) for kind in FORWARD for way in WAYS)


def spoilers(world: World, kind: Kind, way: str) -> list[Around]:
    """What makes the run go this way."""
    spoiled = {
        "forward": [],
        "back": [LAST_CHANCE[kind]],
        "back with a warning": [LAST_CHANCE[kind], FIRST_UNDONE[kind]],
    }
    return [AtStep(world, step, broken, ever=True) for step in spoiled[way]]


def around(arounds: list[Around]) -> Around:
    def one(invoke: Invoke, event: dict[str, Any]) -> Any:
        return reduce(lambda inner, outer: lambda e: outer(inner, e), arounds, invoke)(event)

    return one


def deployed(definitions: Mapping[str, Any], way: Way, fault: Callable[[World], Any]) -> tuple[World, Deploy, Any]:
    """A whole deploy with one fault in it; every moment of it was safe."""
    world, (kind, direction) = World(), way
    disturbance = fault(world)
    world.watchers.append(Safety(world))
    if hasattr(disturbance, "changed"):
        world.watchers.append(disturbance.changed)
    if hasattr(disturbance, "struck") and callable(disturbance.struck):
        world.commands = disturbance
    machine = StateMachine(definitions[kind], world, around([*spoilers(world, kind, direction), disturbance]))
    deploy = Deploy(world, machine, kind)
    disturbance.deploy = deploy
    return world, deploy.run(), disturbance


def assert_safe_end(world: World, deploy: Deploy, *phases: str, silent: bool = False) -> None:
    """Time passes, and the run has one of its two ends. Every deviation is named by a warning of one of `phases`.

    `silent`: the function that writes the warnings never worked, so that only their absence is accepted.
    """
    world.clock.sleep(1200)
    record, warnings = world.runs.read(), deploy.warnings()
    named = silent or any(phase in warnings for phase in phases)
    there = deploy.data is not None
    if deploy.kind == "cutover":
        assert there == record.committed, f"CloudFormation believes {there}, the record says {record.decision}"
    if record.committed:
        assert named or not (wrong := not_finished(world)), (wrong, warnings)
        return
    assert world.source.accepts_writes, f"the source is {world.source.app}, {world.source.database}"
    assert not world.everyone_admitted
    if there:
        assert world.imaged
        assert named or not world.replica
        return
    assert record.lock_expires == 0, "the site is still held"
    assert named or not (wrong := left_undone(world)), (wrong, deploy.reason)
    sentence, _, advice = deploy.reason.partition(". Next: ")
    known = ("Step ", *(step.phase for step in plan.ALL.values()))
    assert sentence.startswith(known), f"which phase? {deploy.reason}"
    assert ": " in sentence, f"why? {deploy.reason}"
    assert advice, f"what to do? {deploy.reason}"


@cache
def places(way: Way, definitions: Any) -> Recorder:
    world, deploy, recorder = deployed(definitions.found, way, lambda _world: Recorder())
    assert_safe_end(world, deploy, plan.ALL[FIRST_UNDONE[way[0]]].phase)
    assert isinstance(recorder, Recorder)
    recorder.action_log = world.action_log
    return recorder


class Definitions:
    """Hashable, so that an undisturbed run is made once."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self.found = found


@pytest.fixture(scope="session")
def deployable(definitions: dict[str, Any]) -> Definitions:
    return Definitions(definitions)


def test_faults_cover_every_step_of_the_plan(deployable: Definitions) -> None:
    assert {step for way in EVERY_WAY for step in places(way, deployable).steps} == (set(plan.ALL) - OPTIONAL)


@pytest.mark.parametrize("name", RAISED)
@pytest.mark.parametrize("step", [step for step in plan.ALL if step not in OPTIONAL])
def test_an_invocation_fails(deployable: Definitions, step: str, name: str) -> None:
    """Once and for ever, before and after its effect."""
    for way in first_ways(deployable, step):
        for after, ever in product((False, True), repeat=2):
            fault = partial(AtStep, step=step, raised=RAISED[name], after=after, ever=ever)
            world, deploy, done = deployed(deployable.found, way, fault)
            assert done.struck
            silent = (ever or name == "has a defect") and step in (plan.WARN.name, plan.CONCLUDE.name)
            assert_safe_end(world, deploy, plan.ALL[step].phase, plan.ALL[FIRST_UNDONE[way[0]]].phase, silent=silent)


def first_ways(deployable: Definitions, step: str) -> list[Way]:
    """The shortest way of each kind of run that leads through the step."""
    through = [[(kind, way) for way in WAYS if step in places((kind, way), deployable).steps] for kind in FORWARD]
    return [ways[0] for ways in through if ways]


@pytest.mark.parametrize("way", EVERY_WAY, ids=" ".join)
@pytest.mark.parametrize("name", ["crashes", "has a defect", "raises RetryableServiceError", "stopped"])
def test_an_invocation_ends_between_two_changes(deployable: Definitions, way: Way, name: str) -> None:
    """After each single change that the run makes: the function is gone, the response to that call is lost, or the execution is stopped."""
    raised = stopped if name == "stopped" else RAISED[name]
    for number, (step, what) in enumerate(places(way, deployable).changes):
        if way not in first_ways(deployable, step):
            continue
        world, deploy, done = deployed(deployable.found, way, partial(AtChange, number=number, raised=raised))
        assert done.name == what
        assert_safe_end(
            world, deploy, plan.ALL[step].phase, plan.ALL[FIRST_UNDONE[way[0]]].phase, silent=step == plan.WARN.name
        )


@pytest.mark.parametrize("way", EVERY_WAY, ids=" ".join)
@pytest.mark.parametrize("fault", COMMAND_FAULTS)
def test_a_machine_command_fails(deployable: Definitions, way: Way, fault: Any) -> None:
    """Each command, once and for ever. What it was good for may be another step's to collect."""
    phases = {step.phase for step in plan.ALL.values()}
    for number, (step, line) in enumerate(places(way, deployable).commands):
        if way not in first_ways(deployable, step):
            continue
        for ever in (False, True):
            world, deploy, done = deployed(
                deployable.found, way, partial(AtCommand, number=number, fault=fault, ever=ever)
            )
            assert done.line == line
            assert_safe_end(world, deploy, *phases)


@pytest.mark.parametrize("way", EVERY_WAY, ids=" ".join)
@pytest.mark.parametrize("lost", [False, True], ids=["throttled", "answer lost"])
@pytest.mark.parametrize("times", [1, 3, 10_000])
def test_the_record_cannot_be_written(deployable: Definitions, way: Way, lost: bool, times: int) -> None:
    """Each write of the first execution, and so many that follow it. Those of the source and of CloudFormation's questions succeed."""
    writes = [step for step, what in places(way, deployable).changes if what == "record"]
    for number, step in enumerate(writes):
        if way not in first_ways(deployable, step):
            continue
        world, deploy, done = deployed(deployable.found, way, partial(AtWrite, number=number, times=times, lost=lost))
        assert done.failed
        assert_safe_end(world, deploy, *(one.phase for one in plan.ALL.values()), silent=times > 3)


@pytest.mark.parametrize("kind", FORWARD)
def test_an_abort_is_requested(deployable: Definitions, kind: Kind) -> None:
    """After each change, by deleting the resource: the run ends before the commit, or it is too late."""
    for number, (step, what) in enumerate(places((kind, "forward"), deployable).changes):
        asked = partial(Meanwhile, number=number, do=delete)
        world, deploy, done = deployed(deployable.found, (kind, "forward"), asked)
        assert done.name == what
        assert_safe_end(world, deploy, *(one.phase for one in plan.ALL.values()))
        if heeded_after(kind, step):
            assert "deleted" in deploy.reason


def delete(deploy: Deploy, name: str) -> None:
    deploy.resource.start(deploy.request("Delete", name))


def create(deploy: Deploy, _name: str) -> None:
    """on_event and a look, as for the first one."""
    deploy.resource.check_progress(deploy.asked())


def heeded_after(kind: Kind, step: str) -> bool:
    names = [one.name for one in FORWARD[kind]]
    return any(one.abortable for one in FORWARD[kind][names.index(step) + 1 :])


@pytest.mark.parametrize("way", EVERY_WAY, ids=" ".join)
def test_the_same_event_is_delivered_again(deployable: Definitions, way: Way) -> None:
    """After each change: the run is the same, and goes on as if nothing had been."""
    for number, (step, what) in enumerate(places(way, deployable).changes):
        again = partial(Meanwhile, number=number, do=create)
        world, deploy, done = deployed(deployable.found, way, again)
        assert done.name == what
        assert deploy.machine.starts == deploy.machine.starts[:1]
        assert world.action_log == places(way, deployable).action_log
        assert_safe_end(world, deploy, plan.ALL[step].phase, plan.ALL[FIRST_UNDONE[way[0]]].phase)


@pytest.mark.parametrize("way", EVERY_WAY, ids=" ".join)
def test_another_deploy_starts(deployable: Definitions, way: Way) -> None:
    """After each change, as long as the site is held: the other one reports who holds it, and leaves no trace."""
    for number, (_step, what) in enumerate(places(way, deployable).changes):
        world, deploy, done = deployed(deployable.found, way, partial(Meanwhile, number=number, do=another))
        assert done.name == what
        assert world.action_log == places(way, deployable).action_log
        assert_safe_end(world, deploy, plan.ALL[FIRST_UNDONE[way[0]]].phase)


def another(deploy: Deploy, _name: str) -> None:
    world, held = deploy.world, deploy.world.runs.read()
    if not held.lock_expires:
        return
    other = Deploy(world, deploy.machine, deploy.kind, request_id="second").run()
    assert other.gone
    assert "holds the site" in other.reason or "already moved" in other.reason
    assert world.runs.read() == held


@pytest.mark.parametrize("kind", FORWARD)
def test_the_next_deploy_after_a_failed_one_succeeds(deployable: Definitions, kind: Kind) -> None:
    """Whatever failed, with the same cutover_id and nothing done by hand."""
    for step in places((kind, "forward"), deployable).steps:
        world, failed, _ = deployed(
            deployable.found, (kind, "forward"), partial(AtStep, step=step, raised=broken, after=True, ever=True)
        )
        if failed.data is not None:
            continue
        world.clock.sleep(1200)
        world.watchers = [Safety(world)]
        machine = StateMachine(deployable.found[kind], world, lambda invoke, event: invoke(event))
        second = Deploy(world, machine, kind, request_id="second").run()
        assert second.reason == "", step
        assert_safe_end(world, second)
