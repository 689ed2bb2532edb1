"""The operator's dry run: every step of the procedure runs, the site does not change, and the result is reported in one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from common.clients.executions import Execution
from common.clients.run_record import Record
from common.clients.runs import Runs
from common.errors import RetryableServiceError, StepFailed
from common.run import DRY_RUN, Kind, Run
from procedure.dry_run import DryTools
from procedure.registry import Registry

from operate.dry_run import run_dry_run
from tests.unit.procedure.asl import walk
from tests.unit.procedure.conftest import definitions
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.world import SETTINGS, World

__all__ = ["definitions"]
TARGET = {"load_balancer_dns": "alb", "ssh_load_balancer_dns": "nlb"}


class FakeStateMachine:
    """Implement operate's client of a state machine. An execution ends after `polls` calls of describe."""

    def __init__(self, world: World, definition: Any, polls: int = 2) -> None:
        self._world, self._definition, self._polls = world, definition, polls
        self.given: dict[str, Any] = {}
        self.output: list[str] = []
        self._end: Execution | None = None

    def start(self, name: str, given: Any) -> None:
        self.given = dict(given)
        run = Run.parse(given["run"])
        assert name == run.run_id
        registry = Registry(
            SETTINGS, DryTools(self._world, run, self.output.append), self._world.clock, lambda *_: None
        )
        result = walk(self._definition, json.loads(json.dumps(given)), registry.invoke, self._world.clock.sleep)
        self._end = Execution(status=result.status, output=result.state, cause=json.dumps(result.cause))

    def describe(self, name: str) -> Execution | None:
        self._polls -= 1
        if name != self.given.get("run", {}).get("run_id"):
            return None
        return self._end if self._polls < 0 else Execution(status="RUNNING", output={}, cause="")


class DryRunOverWorld:
    """Implement operate.dry_run.DryRunClients over a world in which a cutover has failed."""

    def __init__(self, world: World, definitions: dict[str, Any], **machine: Any) -> None:
        self.world, self.output = world, list[str]()
        named: dict[Kind, str] = {"test-launch": "test-launch", "cutover": "cutover"}
        self.machines = {kind: FakeStateMachine(world, definitions[name], **machine) for kind, name in named.items()}
        self.cutover: Execution | None = Execution(
            status="FAILED", output={}, cause="", given={"run": {"target": TARGET}}
        )
        self.read_record: Callable[[], Record] = world.runs.read

    def read_dry_run_record(self) -> Record:
        return self.world.runs.create_sibling(Runs, DRY_RUN).read()

    def find_execution(self, run_id: str) -> Any:
        return (None, self.cutover) if self.cutover and run_id == "m1-c-1" else None

    def find_state_machine(self, kind: Kind) -> FakeStateMachine:
        return self.machines[kind]

    def run(self, kind: Kind | None = None, seconds: float = 600) -> str:
        run_dry_run(self, self.world.clock, self.output.append, cutover_id="m1", kind=kind, seconds=seconds)
        return "\n".join(self.output)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def failed(world: World) -> World:
    """A world in which a cutover was rolled back. The stack exists."""
    world.runs.acquire("m1-c-1", "cutover", seconds=900)
    world.runs.roll_back("m1-c-1")
    world.runs.release("m1-c-1")
    return world


def test_a_dry_run_performs_every_step_and_changes_nothing(failed: World, definitions: dict[str, Any]) -> None:
    clients, before = DryRunOverWorld(failed, definitions), dict(failed.dynamo.items["gogs"])

    output = clients.run()

    # Then every step ran, with the target of the previous run
    run = clients.machines["cutover"].given["run"]
    assert (run["dry_run"], run["kind"], run["target"]) == (True, "cutover", TARGET)
    assert any(line.startswith("start a CUTOVER launch") for line in clients.machines["cutover"].output)
    assert "every step was gone through" in output
    assert "were not tried" in output
    # And neither the site nor its record changed
    assert failed.action_log == []
    assert failed.dynamo.items["gogs"] == before
    assert failed.source.accepts_writes


def test_a_site_without_a_run_gets_a_dry_test_launch(world: World, definitions: dict[str, Any]) -> None:
    clients = DryRunOverWorld(world, definitions)

    assert "(test-launch) has begun" in clients.run()
    assert world.action_log == []


def test_a_failed_step_is_reported_in_one_sentence(failed: World, definitions: dict[str, Any]) -> None:
    failed.responses["check"] = failing_response("the proxy does not answer")

    with pytest.raises(StepFailed) as raised:
        DryRunOverWorld(failed, definitions).run()

    assert raised.value.reason == "the proxy does not answer"
    assert raised.value.phase == "Preflight"
    assert raised.value.machine
    assert failed.action_log == []


def test_a_cutover_without_a_target_is_refused_before_it_starts(world: World, definitions: dict[str, Any]) -> None:
    clients = DryRunOverWorld(world, definitions)

    with pytest.raises(StepFailed, match="load balancers of its target are not known"):
        clients.run("cutover")

    assert clients.machines["cutover"].given == {}


def test_a_migrated_site_is_refused(world: World, definitions: dict[str, Any]) -> None:
    world.runs.acquire("m1-c-1", "cutover", seconds=900)
    world.runs.write_freeze_lease("m1-c-1", expires=world.clock.now() + 600)
    world.runs.commit("m1-c-1", margin=20)

    with pytest.raises(StepFailed, match="was moved by run m1-c-1"):
        DryRunOverWorld(world, definitions).run()


def test_the_wait_has_a_time_limit(failed: World, definitions: dict[str, Any]) -> None:
    with pytest.raises(StepFailed, match="has not ended after 60 s"):
        DryRunOverWorld(failed, definitions, polls=10_000).run(seconds=60)


def test_polling_continues_after_a_temporary_service_error(failed: World, definitions: dict[str, Any]) -> None:
    clients = DryRunOverWorld(failed, definitions)
    read, errors = clients.read_dry_run_record, iter([RetryableServiceError("dynamodb:GetItem: throttled")])

    def record() -> Record:
        if error := next(errors, None):
            raise error
        return read()

    clients.read_dry_run_record = record  # type: ignore[method-assign]

    assert "will look again: dynamodb:GetItem: throttled" in clients.run()
