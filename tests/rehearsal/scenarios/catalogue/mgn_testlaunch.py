"""Faults of AWS MGN in a test launch, while the source serves."""

from __future__ import annotations

from tests.rehearsal.scenarios.catalogue.mgn import (
    LAUNCH_FAILURES,
    MGN,
    OLDER,
    cut_power_of_launched,
    lose_response,
    throttle,
)
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage


@Scenario(expected_end="tested", kind="test-launch", providers=MGN)
def mgn_is_out_of_order_in_a_test_launch(stage: Stage) -> RunResult:
    """MGN throttles calls, and the responses of calls that acted are lost: the start of the test, and the end of its
    instance.
    """
    for action in ("StartTest", "TerminateTargetInstances"):
        throttle(stage, action)
        lose_response(stage, action)
    return stage.run()


@Scenario(
    expected_end="not tested",
    kind="test-launch",
    providers=MGN,
    steps=LAUNCH_FAILURES,
    reason_contains=("Launch", "no capacity"),
)
def mgn_test_launch_fails(stage: Stage, step: str) -> RunResult:
    """MGN's launch job ends without a launched instance."""
    stage.inject_fault("mgn-launch-fails", event=step, message="no capacity in this zone")
    return stage.run()


@Scenario(expected_end="tested", kind="test-launch", providers=MGN)
def mgn_tests_an_older_snapshot(stage: Stage) -> RunResult:
    """MGN cannot take a snapshot and launches from the previous one. A test may use it, with a warning."""
    stage.inject_fault("mgn-stale-snapshot")
    result = stage.run()
    (job,) = [one for one in stage.read_steps() if one.get("step") == "await-job" and one["outcome"] == "done"]
    assert any(OLDER in line or "USING_PREVIOUS_SNAPSHOT" in line for line in job["facts"]["log"])
    return result


@Scenario(
    expected_end="not tested",
    kind="test-launch",
    providers=MGN,
    reason_contains=("Launch", "L-FE2EBE17", "concurrent jobs"),
)
def mgn_quota_is_reached_in_a_test_launch(stage: Stage) -> RunResult:
    """Other jobs of the account use up the quota, so MGN refuses the launch."""
    stage.inject_fault("mgn-quota", times=0)
    return stage.run()


@Scenario(expected_end="not tested", kind="test-launch", providers=MGN, reason_contains=("Launch", "ec2:CreateTags"))
def mgn_test_launch_lacks_a_right(stage: Stage) -> RunResult:
    """A policy of the organization denies a call that MGN makes for the launch. Only the job's log shows it."""
    stage.inject_fault("mgn-denied", action="ec2:CreateTags")
    return stage.run()


@Scenario(
    expected_end="not tested",
    kind="test-launch",
    providers=MGN,
    reason_contains=("the launched machine does not run",),
)
def mgn_test_replica_dies_at_its_launch(stage: Stage) -> RunResult:
    """The replica loses power as soon as MGN has reported it as launched."""
    pending = stage.start_run()
    with stage.hold_at("await-job"):
        cut_power_of_launched(stage)
    return stage.wait_for_result(pending)
