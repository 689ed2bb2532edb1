"""The operator's roll back: the run is asked to stop, or taken up when nobody works on it; never after the commit; always with an end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest
from common.clients.executions import Execution
from common.clients.run_record import Record
from common.clients.runs import Runs
from common.errors import RetryableServiceError, StepFailed
from procedure import plan

from operate.rollback import rollback
from tests.unit.procedure.conftest import definitions
from tests.unit.procedure.deploy import Deploy, StateMachine
from tests.unit.procedure.faults import AtChange, stopped
from tests.unit.procedure.safety import Safety, left_undone
from tests.unit.procedure.world import World

__all__ = ["definitions"]
RUN = "m1-c-1"


class Here:
    """Implements operate.rollback.Reach over a world. `passes` is called whenever the operator waits."""

    def __init__(self, world: World, machine: Any) -> None:
        self.world, self.machine, self.output = world, machine, list[str]()
        self.passes: Callable[[], None] = lambda: None

    @property
    def runs(self) -> Runs:
        return self.world.runs

    def record(self) -> Record:
        return self.world.runs.read()

    def find_execution(self, run_id: str) -> Any:
        found = self.machine.describe(run_id)
        return (self.machine, found) if found else None

    def now(self) -> float:
        return self.world.clock.now()

    def sleep(self, seconds: float) -> None:
        self.world.clock.sleep(seconds)
        self.passes()

    def roll_back(self, seconds: float = 600) -> str:
        rollback(self, self, self.output.append, seconds=seconds)
        return "\n".join(self.output)


class Machine:
    """One execution, in a state that the test gives it."""

    def __init__(self, status: str) -> None:
        self.status, self.started = status, list[str]()

    def describe(self, name: str) -> Execution | None:
        return Execution(status=self.status, output={}, cause="") if name == RUN else None

    def start(self, name: str, _given: Any) -> None:
        self.started.append(name)


@pytest.fixture
def world() -> World:
    return World()


def held(world: World) -> World:
    world.runs.acquire(RUN, "cutover", seconds=900)
    return world


@pytest.mark.parametrize("step", [step.name for step in (*plan.BEFORE_WINDOW, *plan.WINDOW)])
def test_a_run_interrupted_at_any_step_is_rolled_back(definitions: dict[str, Any], step: str) -> None:
    """Given an execution that was stopped in some step, When the operator rolls back, Then the source serves and nothing is left."""
    here = next(one for number in count() if (one := cut_off(definitions, number)).record().phase == step)

    output = here.roll_back()

    assert here.output.count("its execution ended as ABORTED: an execution of its own rolls it back") == 1
    assert output.endswith("no run holds the site; the source serves")
    assert here.world.source.accepts_writes
    assert here.record().lock_expires == 0
    assert left_undone(here.world) == []


def cut_off(definitions: dict[str, Any], number: int) -> Here:
    """After the change of this number."""
    world = World()
    fault = AtChange(world, number, raised=stopped)
    world.watchers += [Safety(world), fault.changed]
    machine = StateMachine(definitions["cutover"], world, fault)
    deploy = Deploy(world, machine, "cutover")
    assert not deploy.resource.progress(deploy.asked()).complete
    assert fault.name, "the run has come to its end"
    return Here(world, machine)


def test_an_active_run_is_aborted_and_followed(world: World) -> None:
    here = Here(held(world), Machine("RUNNING"))
    phases = iter(["drain", "rollback-source"])

    def work() -> None:
        if (phase := next(phases, None)) is not None:
            world.runs.renew_lock(RUN, phase, seconds=900, heed_abort=False)
        else:
            world.runs.roll_back(RUN)
            world.runs.release(RUN)

    here.passes = work

    output = here.roll_back()

    assert world.runs.read().abort == "stopped by the operator"
    assert output.index("drain") < output.index("rollback-source") < output.index("the source serves")


def test_a_rollback_after_the_commit_is_refused(world: World) -> None:
    held(world).runs.write_freeze_lease(RUN, expires=world.clock.now() + 600)
    world.runs.commit(RUN, margin=20)
    here = Here(world, Machine("RUNNING"))

    with pytest.raises(StepFailed, match="two sites that take writes"):
        here.roll_back()

    assert world.runs.read().abort == ""


def test_a_commit_during_the_rollback_request_is_reported(world: World) -> None:
    held(world).runs.write_freeze_lease(RUN, expires=world.clock.now() + 600)
    here = Here(world, Machine("RUNNING"))

    def commit() -> None:
        del world.dynamo.items["gogs"]["abort"]  # as if it had been asked a moment too late
        world.runs.commit(RUN, margin=20)

    here.passes = commit

    with pytest.raises(StepFailed, match="was committed"):
        here.roll_back()


def test_a_rollback_without_a_run_succeeds(world: World) -> None:
    assert Here(world, Machine("RUNNING")).roll_back() == "no run holds the site; the source serves"


def test_the_wait_has_a_time_limit(world: World) -> None:
    with pytest.raises(StepFailed, match=r"after 60 s, in step lock"):
        Here(held(world), Machine("RUNNING")).roll_back(seconds=60)


def test_a_run_without_an_execution_is_reported(world: World) -> None:
    class Gone(Machine):
        def describe(self, name: str) -> None:
            assert name

    with pytest.raises(StepFailed, match="there is no execution of it"):
        Here(held(world), Gone("")).roll_back()


def test_a_source_that_cannot_be_commanded_is_not_a_success(world: World) -> None:
    held(world).runs.write_freeze_lease(RUN, expires=world.clock.now() + 600)
    world.runs.roll_back(RUN)
    world.runs.release(RUN)

    with pytest.raises(StepFailed, match="it opens by itself"):
        Here(world, Machine("FAILED")).roll_back()

    world.clock.sleep(700)
    assert "the source serves" in Here(world, Machine("FAILED")).roll_back()


def test_polling_continues_after_a_temporary_service_error(world: World) -> None:
    here = Here(held(world), Machine("RUNNING"))
    errors = iter([RetryableServiceError("dynamodb:GetItem: throttled")])
    read = here.record

    def record() -> Record:
        if here.output and (error := next(errors, None)):
            raise error
        return read()

    here.record = record  # type: ignore[method-assign]
    here.passes = partial(world.runs.release, RUN)

    assert "will look again: dynamodb:GetItem: throttled" in here.roll_back()


def test_no_message_is_repeated(world: World) -> None:
    # Given a run whose execution is gone, a follow-up that takes a while, and an AWS that throttles again and again
    class Slow(Machine):
        def describe(self, name: str) -> Execution | None:
            going = name in self.started
            return Execution(status="RUNNING", output={}, cause="") if going else super().describe(name)

    here = Here(held(world), Slow("FAILED"))
    read, looks = here.record, count(1)

    def record() -> Record:
        look = next(looks)
        if look % 2 == 0:
            raise RetryableServiceError("dynamodb:GetItem: throttled")
        if look > 9:
            world.runs.release(RUN)
        return read()

    here.record = record  # type: ignore[method-assign]

    here.roll_back()

    sentences = [line.split("  ", 1)[-1] for line in here.output]
    assert sorted(sentences) == sorted(set(sentences))
    assert "will look again: dynamodb:GetItem: throttled" in sentences
    assert "its execution ended as FAILED: an execution of its own rolls it back" in sentences
