"""Both state machines, as they are deployed, with the client of MGN: what the procedure requests, and in which order the service permits it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.unit.mgn.world import MgnWorld
from tests.unit.procedure.conftest import Execute, definitions, execute_in
from tests.unit.procedure.failures import boom
from tests.unit.procedure.world import World

__all__ = ["definitions", "execute_in"]  # fixtures


@pytest.fixture
def world() -> MgnWorld:
    return MgnWorld()


@pytest.fixture
def execute(world: MgnWorld, execute_in: Callable[[World], Execute]) -> Execute:
    return execute_in(world)


def test_a_test_launch_leaves_no_instance_and_a_server_that_can_be_cut_over(world: MgnWorld, execute: Execute) -> None:
    result = execute("test-launch")
    assert result.status == "SUCCEEDED", result.cause

    assert world.stage.ec2.list_running() == []
    assert world.state == "READY_FOR_TEST"


def test_a_migration_ends_with_a_finalized_server_and_no_instance(world: MgnWorld, execute: Execute) -> None:
    states: dict[str, str] = {}
    execute("test-launch")
    result = execute("cutover", before=lambda step: states.setdefault(step, world.state))

    assert result.status == "SUCCEEDED"
    assert json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"] == []
    assert states["prepare-launch"] == "READY_FOR_CUTOVER"
    assert states["freeze"] == states["commit"] == states["finalize"] == "CUTTING_OVER"
    assert states["clean-up"] == world.state == "CUTOVER"
    assert world.stage.ec2.list_running() == []


@pytest.mark.parametrize("step", ["launch", "await-job", "await-bulk", "freeze", "accept-live", "commit"])
def test_a_cutover_that_fails_can_be_repeated(world: MgnWorld, execute: Execute, step: str) -> None:
    execute("test-launch")
    failed = execute("cutover", before=lambda name: boom("it broke here")() if name == step else None)
    assert failed.cause["reason"] == "it broke here"
    assert "warnings" not in failed.cause
    assert world.stage.ec2.list_running() == []
    assert world.state == "READY_FOR_CUTOVER"

    assert execute("cutover", run_id="m2-cutover").status == "SUCCEEDED"
    assert world.state == "CUTOVER"


def test_a_cutover_from_an_older_snapshot_rolls_back_before_the_source_is_frozen(
    world: MgnWorld, execute: Execute
) -> None:
    execute("test-launch")
    world.stage.mgn.agent_away = True

    result = execute("cutover")

    assert "launched from an older one" in result.cause["reason"]
    assert not [line for line in world.action_log if line.startswith("freeze")]
    assert world.stage.ec2.list_running() == []


def test_a_kernel_that_was_updated_after_the_test_is_a_warning_of_the_cutover(
    world: MgnWorld, execute: Execute
) -> None:
    properties = world.stage.mgn.servers[world.stage.server_id]["sourceProperties"]
    properties["os"] = {"fullString": "Linux version 6.8.0-1018-aws"}
    execute("test-launch")
    properties["os"] = {"fullString": "Linux version 6.8.0-1020-aws"}

    assert execute("cutover").status == "SUCCEEDED"

    (warning,) = json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"]
    assert (
        "kernel of the source server changed from Linux version 6.8.0-1018-aws to Linux version 6.8.0-1020-aws"
        in warning
    )


def test_a_disk_that_is_not_replicated_ends_the_test_before_its_launch(world: MgnWorld, execute: Execute) -> None:
    properties = world.stage.mgn.servers[world.stage.server_id]["sourceProperties"]
    properties["disks"] = [{"deviceName": "/dev/xvda"}, {"deviceName": "/dev/xvdb"}]

    result = execute("test-launch")

    assert result.cause["reason"].startswith("MGN does not replicate /dev/xvdb of the source")
    assert world.stage.mgn.count("StartTest") == 0
