"""Faults of AWS MGN in a cutover."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from rehearsal.aws import wire
from tests.rehearsal.scenarios.fault_injection import POWER_SECONDS, wait_for
from tests.rehearsal.scenarios.scenario import ProviderKind, Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage

MGN: tuple[ProviderKind, ...] = ("mgn",)
LAUNCH_FAILURES = ("LAUNCH_FAILED", "CONVERSION_FAIL")
"""events of a job's log"""
STALLS = tuple(wire.load_service("mgn").model.shape_for("DataReplicationErrorString").metadata["enum"])
OLDER = "launched from an older one"
EC2_ACCESS = "arn:aws:iam::aws:policy/AWSApplicationMigrationEC2Access"
ABORT_SECONDS = 10.0
"""the long poll of the procedure takes 20"""


@Scenario(expected_end="migrated", providers=MGN)
def mgn_is_out_of_order_for_a_while(stage: Stage) -> RunResult:
    """MGN throttles calls, names the seconds to wait, and fails calls. The responses of calls that acted are lost: a
    change of the life cycle, the start of the cutover, and its end.
    """
    for action in ("DescribeSourceServers", "DescribeJobs", "StartCutover", "FinalizeCutover"):
        throttle(stage, action)
        lose_response(stage, action)
    for action in ("DescribeJobLogItems", "GetLaunchConfiguration"):
        lose_response(stage, action)
    lose_response(stage, "ChangeServerLifeCycleState")
    return stage.run()


@Scenario(expected_end="migrated", providers=MGN)
def mgn_job_is_adopted_after_a_crash(stage: Stage) -> RunResult:
    """The function crashes right after it started the launch job, and again when it waits for it. One job launches one
    replica.
    """
    stage.inject_fault("function-crash", step="launch", when="after")
    stage.inject_fault("function-crash", step="await-job", when="after")
    stage.inject_fault("sqs-redeliver", queue="*ProviderEvents*")
    return stage.run()


@Scenario(expected_end="not migrated", providers=MGN, steps=LAUNCH_FAILURES, reason_contains=("Launch", "no capacity"))
def mgn_launch_fails(stage: Stage, step: str) -> RunResult:
    """MGN's launch job ends without a launched instance."""
    stage.inject_fault("mgn-launch-fails", event=step, message="no capacity in this zone")
    return stage.run()


@Scenario(expected_end="not migrated", providers=MGN, always=True, reason_contains=("Launch", OLDER))
def mgn_launches_an_older_snapshot(stage: Stage) -> RunResult:
    """MGN cannot take a snapshot and launches from the previous one. The job succeeds; the cutover does not use it."""
    stage.inject_fault("mgn-stale-snapshot")
    return stage.run()


@Scenario(expected_end="not migrated", providers=MGN, reason_contains=("Launch", "L-FE2EBE17", "concurrent jobs"))
def mgn_quota_is_reached(stage: Stage) -> RunResult:
    """Other jobs of the account use up the quota, so MGN refuses the launch."""
    stage.inject_fault("mgn-quota", times=0)
    return stage.run()


@Scenario(expected_end="not migrated", providers=MGN, reason_contains=("Launch", "StartCutover", "ThrottlingException"))
def mgn_throttles_for_ever(stage: Stage) -> RunResult:
    """MGN throttles every attempt to start the cutover."""
    throttle(stage, "StartCutover", times=0)
    return stage.run()


@Scenario(expected_end="not migrated", providers=MGN, reason_contains=("Launch", "allow mgn:StartCutover"))
def mgn_refuses_the_launch(stage: Stage) -> RunResult:
    """A policy of the organization denies the start of the cutover."""
    deny(stage, "StartCutover")
    return stage.run()


@Scenario(expected_end="not migrated", providers=MGN, reason_contains=("Launch", "ec2:RunInstances"))
def mgn_launch_lacks_a_right(stage: Stage) -> RunResult:
    """A policy of the organization denies a call that MGN makes for the launch. Only the job's log shows it."""
    stage.inject_fault("mgn-denied", action="ec2:RunInstances")
    return stage.run()


@Scenario(
    expected_end="not migrated",
    providers=MGN,
    reason_contains=("Preflight", "lacks rights of a launch", "ec2:RunInstances", "ec2:CreateVolume"),
)
def mgn_role_loses_its_rights(stage: Stage) -> RunResult:
    """Somebody detaches the launch policy from the function's role. Preflight names all missing rights at once."""
    functions: list[dict[str, Any]] = stage.aws.make_client("lambda").list_functions()["Functions"]
    (role,) = {one["Role"].rpartition("/")[2] for one in functions if "ProcedureFunction" in one["FunctionName"]}
    iam = stage.aws.make_client("iam")
    iam.detach_role_policy(RoleName=role, PolicyArn=EC2_ACCESS)
    try:
        return stage.run()
    finally:
        iam.attach_role_policy(RoleName=role, PolicyArn=EC2_ACCESS)


@Scenario(expected_end="not migrated", providers=MGN, steps=STALLS, reason_contains=("Preflight", "stalled"))
def mgn_replication_is_stalled(stage: Stage, step: str) -> RunResult:
    """The replication is stalled before the run. The error of the deploy names MGN's error, and an advice."""
    with stage.inject_fault("mgn-stalled", error=step):
        result = stage.run()
    assert step in result.reason, result.reason
    return result


@Scenario(expected_end="not migrated", providers=MGN, reason_contains=("Launch", OLDER))
def mgn_replication_stalls_before_the_launch(stage: Stage) -> RunResult:
    """The replication stalls after preflight, so that MGN has no fresh snapshot to launch."""
    pending = stage.start_run()
    with stage.hold_at("launch"):
        fault = stage.inject_fault("mgn-stalled", error="UNSTABLE_NETWORK")
    result = stage.wait_for_result(pending)
    fault.clear()
    return result


@Scenario(expected_end="migrated", providers=MGN)
def mgn_replication_stalls_after_the_launch(stage: Stage) -> RunResult:
    """The agent is lost after the launch. The replica has everything, so nothing needs the agent any more."""
    pending = stage.start_run()
    with stage.hold_at("await-bulk"):
        stage.inject_fault("mgn-stalled", error="AGENT_NOT_SEEN")
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", providers=MGN, reason_contains=("the launched machine does not run",))
def mgn_replica_dies_at_its_launch(stage: Stage) -> RunResult:
    """The replica loses power as soon as MGN has reported it as launched."""
    pending = stage.start_run()
    with stage.hold_at("await-job"):
        cut_power_of_launched(stage)
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", providers=MGN, reason_contains=("deleted",))
def mgn_run_is_deleted_during_the_launch(stage: Stage) -> RunResult:
    """The stack is deleted while MGN launches. The run stops within seconds, although no event of MGN has arrived, and
    then waits for the launch to remove its replica.
    """
    stage.provider.slow_down_launches(25)
    pending = stage.start_run()
    with stage.hold_at("await-job"):
        pass
    wait_for("a slow launch", 30, lambda: has_logged(stage, "CONVERSION_START"))
    asked = time.time()
    deleting = stage.delete_resource()
    result = stage.wait_for_result(pending)
    assert stage.wait_for_result(deleting).succeeded
    (failed,) = [one for one in stage.read_steps() if one.get("step") == "await-job" and one["outcome"] == "failed"]
    seconds = datetime.fromisoformat(failed["ended"]).timestamp() - asked
    print(f"the run stopped {seconds:.1f} s after the request")
    assert seconds < ABORT_SECONDS
    return result


@Scenario(expected_end="migrated", providers=MGN, finalized=False, reason_contains=("Finalize", "FinalizeCutover"))
def mgn_cannot_be_finalized(stage: Stage) -> RunResult:
    """After the commit a policy of the organization denies the end of the replication. The deploy succeeds with a
    warning.
    """
    deny(stage, "FinalizeCutover")
    return stage.run()


def cut_power_of_launched(stage: Stage) -> None:
    """Wait for the end of MGN's launch, cut the power of the replica, and wait until EC2 shows that."""
    wait_for("the end of the launch", 90, lambda: read_newest_job(stage)["status"] == "COMPLETED")
    replica, ec2 = stage.cut_power("replica"), stage.aws.make_client("ec2")
    wait_for(f"{replica} to be stopped", POWER_SECONDS, lambda: stage.get_instance_state(ec2, replica) == "stopped")


def read_newest_job(stage: Stage) -> dict[str, Any]:
    """Return MGN's newest job."""
    return dict(stage.aws.make_client("mgn").describe_jobs(filters={})["items"][0])


def throttle(stage: Stage, action: str, *, times: int = 1) -> None:
    """Let MGN throttle calls of this action, and name the second to wait."""
    stage.inject_fault(
        "api-error", service="mgn", action=action, code="ThrottlingException", status=429, seconds=1, times=times
    )


def lose_response(stage: Stage, action: str) -> None:
    """Let one call of this action do its work, and lose its response."""
    stage.inject_fault("api-error", service="mgn", action=action, when="after", code="InternalServerException")


def deny(stage: Stage, action: str) -> None:
    """Deny every call of this action."""
    stage.inject_fault("api-error", service="mgn", action=action, code="AccessDeniedException", status=403, times=0)


def has_logged(stage: Stage, event: str) -> bool:
    """Return whether the log of MGN's newest job has this event."""
    job = read_newest_job(stage)
    log = stage.aws.make_client("mgn").describe_job_log_items(jobID=job["jobID"])["items"]
    return job["status"] == "STARTED" and event in {one["event"] for one in log}
