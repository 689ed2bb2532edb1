"""Runs that fail before the freeze and keep their replica, which the next run takes over. Other scenarios keep none."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection
from typing import Any

from procedure.validities import LAUNCHED, TAKEN_OVER

from rehearsal.job.rehearse import ROOT
from tests.rehearsal.scenarios.fault_injection import POST_LAUNCH, wait_for
from tests.rehearsal.scenarios.scenario import ANY_PROVIDER, Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage

NAME = "resumed"
KEPT_MINUTES, EXPIRY_SECONDS = 60, 480.0
"""the schedule calls every five minutes"""
HANGS = f"/run/systemd/system/{POST_LAUNCH}.d/hangs.conf"
SLOW_LAUNCH_SECONDS = 40
"""longer than a run needs to fail and the next one to begin"""


@Scenario(expected_end="migrated", providers=ANY_PROVIDER, always=True)
def comparison_fails_and_the_next_run_resumes(stage: Stage) -> RunResult:
    """The comparison of files fails in one run. CloudFormation deletes its resource, and the user deploys again."""
    with stage.keep_replicas(KEPT_MINUTES):
        _, suspended = suspend(stage)
        stage.wait_for_result(stage.delete_resource())
        assert list_replicas(stage) == [suspended["checkpoint"]["instance_id"]], "the Delete has removed the replica"
        result = stage.run(NAME)
    check_steps(stage, suspended, taken_over=TAKEN_OVER)
    return result


@Scenario(expected_end="migrated", providers=ANY_PROVIDER)
def copy_is_interrupted_and_the_next_run_goes_on(stage: Stage) -> RunResult:
    """A run fails while it waits for the bulk copy, and the copy hangs.

    The next run ends the copy, and the replica copies and reports for that run.
    """
    with stage.keep_replicas(KEPT_MINUTES):
        _, suspended = suspend(stage, step="await-bulk")
        replica = suspended["checkpoint"]["instance_id"]
        assert list_replicas(stage) == [replica]
        let_copy_hang(stage)
        result = stage.run(NAME)
    steps = check_steps(stage, suspended, taken_over=TAKEN_OVER[:-1])
    assert steps["await-bulk"]["report"]["instance_id"] == replica
    assert steps["await-bulk"]["report"]["run_id"] != suspended["run_id"]
    return result


@Scenario(expected_end="migrated", providers=ANY_PROVIDER)
def launch_goes_on_and_the_next_run_waits_for_it(stage: Stage) -> RunResult:
    """A run fails while the provider launches. The launch takes so long that the next run waits for the same job."""
    stage.provider.slow_down_launches(SLOW_LAUNCH_SECONDS)
    with stage.keep_replicas(KEPT_MINUTES):
        _, suspended = suspend(stage, step="await-job")
        assert suspended["checkpoint"]["instance_id"] == ""
        result = stage.run(NAME)
    steps = check_steps(stage, suspended, taken_over=LAUNCHED)
    assert steps["await-job"]["job"] == suspended["checkpoint"]["job_id"]
    return result


@Scenario(expected_end="migrated", providers=ANY_PROVIDER)
def kept_replica_dies(stage: Stage) -> RunResult:
    """The replica that a failed run has kept loses power. The next run launches another one."""
    with stage.keep_replicas(KEPT_MINUTES):
        _, suspended = suspend(stage)
        stage.cut_power("replica")
        result = stage.run(NAME)
    (taken,) = [one for one in stage.read_steps() if one.get("step") == "take-over"]
    assert taken["facts"]["removed"] == suspended["checkpoint"]["instance_id"]
    return result


@Scenario(expected_end="not migrated", providers=ANY_PROVIDER, reason_contains=("Verify", "cutover resume"))
def kept_replica_expires(stage: Stage) -> RunResult:
    """Nobody deploys again. The schedule in AWS removes the replica when its time is over."""
    with stage.keep_replicas(1):
        failed, _ = suspend(stage)
    wait_for("the schedule to remove the replica", EXPIRY_SECONDS, lambda: "suspended" not in stage.get_run_record())
    return failed


@Scenario(expected_end="not migrated", providers=ANY_PROVIDER, reason_contains=("Verify", "cutover resume"))
def kept_replica_is_rolled_back(stage: Stage) -> RunResult:
    """The operator removes the replica with `cutover rollback`."""
    with stage.keep_replicas(KEPT_MINUTES):
        failed, _ = suspend(stage)
    run_cutover(stage, "rollback")
    assert "suspended" not in stage.get_run_record()
    return failed


def suspend(stage: Stage, *, step: str = "verify-files") -> tuple[RunResult, dict[str, Any]]:
    """Run a cutover that fails in a step, by default the comparison of files.

    Return its result and the suspension in the run record.
    """
    with stage.inject_fault("function-crash", step=step, times=0):
        failed = stage.run(NAME)
    assert not failed.succeeded
    assert stage.get_source_mode() == "open"
    record = stage.get_run_record()
    assert "suspended" in record, f"the run kept nothing: {failed.reason}"
    return failed, json.loads(record["suspended"])


def let_copy_hang(stage: Stage) -> None:
    """Let the unit that copies run again on the replica, and hang. A later start of it does not hang."""

    def has_hung() -> bool:
        stage.run_on("replica", "systemctl", "start", "--no-block", POST_LAUNCH)
        return stage.run_on("replica", "systemctl", "show", "-P", "SubState", POST_LAUNCH).strip() == "start-pre"

    hang = f"mkdir -p $(dirname {HANGS}); printf '[Service]\\nExecStartPre=sleep 600\\n' >{HANGS}"
    stage.run_on("replica", "sh", "-c", f"{hang}; systemctl daemon-reload")
    wait_for("the copy to hang", 60, has_hung)
    stage.run_on("replica", "sh", "-c", f"rm {HANGS}; systemctl daemon-reload")


def check_steps(stage: Stage, suspended: dict[str, Any], *, taken_over: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return the facts of each step of the last run.

    Raises:
        AssertionError: It has taken over other steps of the suspended run than these.
    """
    steps = {one["step"]: one.get("facts") or {} for one in stage.read_steps() if "step" in one}
    for step in TAKEN_OVER:
        expected = suspended["run_id"] if step in taken_over else None
        assert steps[step].get("taken_over_from") == expected, f"{step} of the last run: {steps[step]}"
    return steps


def list_replicas(stage: Stage) -> list[str]:
    """Return the running machines that have the role of a replica."""
    return [machine for machine, role in stage.list_running_machines().items() if role == "replica"]


def run_cutover(stage: Stage, *words: str) -> None:
    """Run the command line of the operator, with the settings of the world."""
    command = [str(ROOT / ".venv/bin/cutover"), *words]
    subprocess.run(command, cwd=ROOT, env=dict(stage.job.environment), check=True, timeout=300)
