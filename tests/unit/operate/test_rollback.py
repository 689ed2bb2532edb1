"""The operator's roll back: it aborts an active run, or continues a run without an execution. It is rejected after the commit, and always ends."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest
from common.clients.executions import Execution
from common.clients.resources import Resources
from common.clients.run_record import Record
from common.clients.runs import Runs
from common.errors import RetryableServiceError, StepFailed
from procedure import plan

from operate.rollback import roll_back
from tests.unit.procedure.conftest import definitions
from tests.unit.procedure.deploy import Deploy, StateMachine
from tests.unit.procedure.faults import AtChange, stopped
from tests.unit.procedure.safety import Safety, left_undone
from tests.unit.procedure.world import World

__all__ = ["definitions"]
RUN = "m1-c-1"


class RollbackOverWorld:
    """Implement operate.rollback.RollbackClients over a world. Each wait of the operator calls `on_wait`."""

    def __init__(self, world: World, machine: Any) -> None:
        self.world, self.machine, self.output = world, machine, list[str]()
        self.on_wait: Callable[[], None] = lambda: None

    @property
    def runs(self) -> Runs:
        return self.world.runs

    @property
    def resources(self) -> Resources:
        raise AssertionError("no run is suspended, so nothing is removed in EC2")

    def read_record(self) -> Record:
        return self.world.runs.read()

    def find_execution(self, run_id: str) -> Any:
        found = self.machine.describe(run_id)
        return (self.machine, found) if found else None

    def now(self) -> float:
        return self.world.clock.now()

    def sleep(self, seconds: float) -> None:
        self.world.clock.sleep(seconds)
        self.on_wait()

    def roll_back(self, seconds: float = 600) -> str:
        roll_back(self, self, self.output.append, seconds=seconds)
        return "\n".join(self.output)


class FakeStateMachine:
    """A state machine with one execution, whose status the test sets."""

    def __init__(self, status: str) -> None:
        self.status, self.started = status, list[str]()

    def describe(self, name: str) -> Execution | None:
        return Execution(status=self.status, output={}, cause="") if name == RUN else None

    def start(self, name: str, _given: Any) -> None:
        self.started.append(name)


@pytest.fixture
def world() -> World:
    return World()


def lock_site(world: World) -> World:
    world.runs.acquire(RUN, "cutover", seconds=900)
    return world


@pytest.mark.parametrize("step", [step.name for step in (*plan.BEFORE_WINDOW, *plan.WINDOW)])
def test_a_run_interrupted_at_any_step_is_rolled_back(definitions: dict[str, Any], step: str) -> None:
    """Given an execution that was stopped in a step, When the operator rolls back, Then the source accepts writes and no resource is left."""
    clients = next(one for number in count() if (one := interrupt_run(definitions, number)).read_record().phase == step)

    output = clients.roll_back()

    assert clients.output.count("its execution ended as ABORTED: an execution of its own rolls it back") == 1
    assert output.endswith("no run holds the site; the source serves")
    assert clients.world.source.accepts_writes
    assert clients.read_record().lock_expires == 0
    assert left_undone(clients.world) == []


def interrupt_run(definitions: dict[str, Any], number: int) -> RollbackOverWorld:
    """Return a world whose run was interrupted after the change of this number."""
    world = World()
    fault = AtChange(world, number, raised=stopped)
    world.watchers += [Safety(world), fault.changed]
    machine = StateMachine(definitions["cutover"], world, fault)
    deploy = Deploy(world, machine, "cutover")
    assert not deploy.resource.check_progress(deploy.asked()).complete
    assert fault.name, "the run was completed before this change"
    return RollbackOverWorld(world, machine)


def test_an_active_run_is_aborted_and_followed(world: World) -> None:
    clients = RollbackOverWorld(lock_site(world), FakeStateMachine("RUNNING"))
    phases = iter(["drain", "rollback-source"])

    def work() -> None:
        if (phase := next(phases, None)) is not None:
            world.runs.renew_lock(RUN, phase, seconds=900, heed_abort=False)
        else:
            world.runs.roll_back(RUN)
            world.runs.release(RUN)

    clients.on_wait = work

    output = clients.roll_back()

    assert world.runs.read().abort == "stopped by the operator"
    assert output.index("drain") < output.index("rollback-source") < output.index("the source serves")


def test_a_rollback_after_the_commit_is_refused(world: World) -> None:
    lock_site(world).runs.write_freeze_lease(RUN, expires=world.clock.now() + 600)
    world.runs.commit(RUN, margin=20)
    clients = RollbackOverWorld(world, FakeStateMachine("RUNNING"))

    with pytest.raises(StepFailed, match="two sites that take writes"):
        clients.roll_back()

    assert world.runs.read().abort == ""


def test_a_commit_during_the_rollback_request_is_reported(world: World) -> None:
    lock_site(world).runs.write_freeze_lease(RUN, expires=world.clock.now() + 600)
    clients = RollbackOverWorld(world, FakeStateMachine("RUNNING"))

    def commit() -> None:
        del world.dynamo.items["gogs"]["abort"]  # as if the request had arrived too late
        world.runs.commit(RUN, margin=20)

    clients.on_wait = commit

    with pytest.raises(StepFailed, match="was committed"):
        clients.roll_back()


def test_a_rollback_without_a_run_succeeds(world: World) -> None:
    assert (
        RollbackOverWorld(world, FakeStateMachine("RUNNING")).roll_back() == "no run holds the site; the source serves"
    )


def test_the_wait_has_a_time_limit(world: World) -> None:
    with pytest.raises(StepFailed, match=r"after 60 s, in step lock"):
        RollbackOverWorld(lock_site(world), FakeStateMachine("RUNNING")).roll_back(seconds=60)


def test_a_run_without_an_execution_is_reported(world: World) -> None:
    class WithoutExecution(FakeStateMachine):
        def describe(self, name: str) -> None:
            assert name

    with pytest.raises(StepFailed, match="there is no execution of it"):
        RollbackOverWorld(lock_site(world), WithoutExecution("")).roll_back()


def test_a_source_that_cannot_be_commanded_is_not_a_success(world: World) -> None:
    lock_site(world).runs.write_freeze_lease(RUN, expires=world.clock.now() + 600)
    world.runs.roll_back(RUN)
    world.runs.release(RUN)

    with pytest.raises(StepFailed, match="it opens by itself"):
        RollbackOverWorld(world, FakeStateMachine("FAILED")).roll_back()

    world.clock.sleep(700)
    assert "the source serves" in RollbackOverWorld(world, FakeStateMachine("FAILED")).roll_back()


def test_polling_continues_after_a_temporary_service_error(world: World) -> None:
    clients = RollbackOverWorld(lock_site(world), FakeStateMachine("RUNNING"))
    errors = iter([RetryableServiceError("dynamodb:GetItem: throttled")])
    read = clients.read_record

    def record() -> Record:
        if clients.output and (error := next(errors, None)):
            raise error
        return read()

    clients.read_record = record  # type: ignore[method-assign]
    clients.on_wait = partial(world.runs.release, RUN)

    assert "will look again: dynamodb:GetItem: throttled" in clients.roll_back()


def test_no_message_is_repeated(world: World) -> None:
    # Given a run with a failed execution, a slow execution that rolls it back, and an AWS that throttles repeatedly
    class SlowStateMachine(FakeStateMachine):
        def describe(self, name: str) -> Execution | None:
            going = name in self.started
            return Execution(status="RUNNING", output={}, cause="") if going else super().describe(name)

    clients = RollbackOverWorld(lock_site(world), SlowStateMachine("FAILED"))
    read, looks = clients.read_record, count(1)

    def record() -> Record:
        look = next(looks)
        if look % 2 == 0:
            raise RetryableServiceError("dynamodb:GetItem: throttled")
        if look > 9:
            world.runs.release(RUN)
        return read()

    clients.read_record = record  # type: ignore[method-assign]

    clients.roll_back()

    sentences = [line.split("  ", 1)[-1] for line in clients.output]
    assert sorted(sentences) == sorted(set(sentences))
    assert "will look again: dynamodb:GetItem: throttled" in sentences
    assert "its execution ended as FAILED: an execution of its own rolls it back" in sentences
