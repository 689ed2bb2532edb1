"""What the procedure requests from a provider beside the launch, and what EC2 says of the machine that was launched."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from common.clients.provider import Job, JobStatus
from common.clients.run_record import Record
from common.errors import StepFailed
from procedure.state.state import State
from procedure.step_functions import STEPS

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import boom
from tests.unit.procedure.machines import REPLICA
from tests.unit.procedure.world import World


def facts(world: World, evidence: str) -> dict[str, Any]:
    return dict(json.loads(world.files[f"runs/m1-{evidence}.json"])["facts"])


def test_a_refused_mark_as_ready_stops_the_run_before_the_source_is_touched(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "mark_ready_for_cutover", boom("the source server is STOPPED"))

    result = execute("cutover")

    assert result.cause["phase"] == "Ready for cutover"
    assert "the source server is STOPPED" in result.cause["reason"]
    assert not [line for line in world.action_log if line.startswith(("launch", "freeze"))]


def test_a_failed_finalize_is_a_warning_and_the_replica_is_still_removed(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "finalize", boom("a post-launch action has failed"))

    assert execute("cutover").status == "SUCCEEDED"

    warnings = json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"]
    assert [one for one in warnings if one.startswith("Finalize") and "a post-launch action has failed" in one]
    assert world.replica == ""


def test_the_replication_ends_only_after_the_commit(world: World, execute: Execute) -> None:
    seen: dict[str, bool] = {}
    execute("cutover", before=lambda step: seen.setdefault(step, world.finalized))

    assert {step for step, finalized in seen.items() if finalized} == {"clean-up", "finish"}


@pytest.mark.parametrize("kind", ["test-launch", "cutover"])
def test_a_launched_machine_that_has_stopped_fails_the_run_at_once(world: World, execute: Execute, kind: str) -> None:
    world.replica_state = "stopped"
    began = world.clock.now()

    result = execute(kind)

    assert result.cause["machine"] == REPLICA
    assert "the launched machine does not run: EC2 has it as stopped" in result.cause["reason"]
    assert f"Its console: {REPLICA} login:" in result.cause["reason"]
    assert result.cause["logs"], "its console output is in the evidence"
    assert world.clock.now() - began < 60


def test_a_machine_that_stops_while_its_report_is_awaited_fails_the_run(world: World, execute: Execute) -> None:
    world.reports_default = False

    def stop(step: str) -> None:
        world.replica_state = "terminated" if step == "await-report" else world.replica_state

    result = execute("test-launch", before=stop)

    assert "EC2 has it as terminated" in result.cause["reason"]


def test_a_failed_status_check_alone_waits_for_the_report(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    impaired = world.find_instance_status(REPLICA)
    assert impaired is not None
    monkeypatch.setattr(
        world, "find_instance_status", lambda _id: type(impaired)(state="running", system="ok", instance="impaired")
    )

    assert execute("test-launch").status == "SUCCEEDED"
    assert (
        facts(world, "test-launch/05-await-job")["ec2_status"] == "running, system status ok, instance status impaired"
    )


def test_an_instance_status_that_cannot_be_read_is_not_reported_as_passed(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "find_instance_status", boom("ec2:DescribeInstanceStatus: UnauthorizedOperation"))

    assert execute("test-launch").status == "SUCCEEDED"
    assert facts(world, "test-launch/05-await-job")["ec2_status"].startswith("not checked: ec2:DescribeInstanceStatus")


@pytest.mark.parametrize(
    ("job_id", "warning"), [("job-TEST", "an older snapshot"), ("job-cleanup", "volume vol-1 is left")]
)
def test_a_warning_of_a_job_is_a_warning_of_the_run(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch, job_id: str, warning: str
) -> None:
    real: Callable[[str], Job] = world.read_job

    def job(one: str) -> Job:
        return Job(job_id=one, status=JobStatus.COMPLETED, warnings=(warning,)) if one == job_id else real(one)

    monkeypatch.setattr(world, "read_job", job)

    assert execute("test-launch").status == "SUCCEEDED"
    assert any(warning in one for one in json.loads(world.files["runs/m1-test-launch/outputs.json"])["warnings"])


def test_the_provider_is_never_finalized_for_a_run_that_has_not_committed(world: World) -> None:
    """A follow-up execution may take up any run: the step asks the record, not the order of the plan."""
    not_committed = SimpleNamespace(
        record=Record(source_server_id="s-1"), run=SimpleNamespace(dry_run=False), state=State(), tools=world
    )

    with pytest.raises(StepFailed, match="has not committed"):
        STEPS["finalize"](not_committed)  # type: ignore[arg-type]
    assert not world.finalized
