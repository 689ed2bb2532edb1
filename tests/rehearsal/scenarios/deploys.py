"""Scenarios that need the CDK CLI and the world's own stack.

`make scenarios` runs them last in their world, because nothing resets the world afterwards.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from procedure.validities import TAKEN_OVER

from rehearsal.job.deploys import DeployFailed
from rehearsal.job.rehearse import ROOT
from tests.rehearsal.scenarios import outcome
from tests.rehearsal.scenarios.catalogue.resume import check_steps, list_replicas
from tests.rehearsal.scenarios.fault_injection import wait_for
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(1200)]
DEPLOY_SECONDS = 600


def request_run(stage: Stage, cutover_id: str) -> None:
    """Request a new run as a user does, by the key `cutover_id` of migration.toml."""
    file = stage.settings.home / "migration.toml"
    file.write_text(re.sub(r'(?m)^cutover_id = ".*"', f'cutover_id = "{cutover_id}"', file.read_text()))


def keep_replicas(stage: Stage, *, minutes: int) -> None:
    """Let failed runs keep their replicas, by the key `resume_minutes` of migration.toml."""
    file = stage.settings.home / "migration.toml"
    text, found = re.subn(r"(?m)^resume_minutes = .*", f"resume_minutes = {minutes}", file.read_text())
    assert found == 1
    file.write_text(text)


def get_stack_status(stage: Stage, name: str = "MigrationStack") -> str:
    """Return the status of a stack."""
    found = stage.aws.make_client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    return str(found["StackStatus"])


@contextmanager
def run_deploy(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """Run `cdk deploy MigrationStack` while the block runs."""
    with (stage.settings.logs / "killed-cdk.log").open("wb") as log:
        process = subprocess.Popen(
            [str(ROOT / "node_modules/.bin/cdk"), "deploy", "MigrationStack", "--require-approval", "never"],
            cwd=ROOT,
            env=dict(stage.job.environment),
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        yield process
        process.kill()
        process.wait()


def test_a_failed_image_fails_the_deploy_and_orphans_no_resource(stage: Stage) -> None:
    # Given a world before its cutover, and an image that fails
    stage.reset()
    stage.needs_reset = True
    stage.start_writing()
    request_run(stage, "without-image")
    stage.inject_fault("image-fails", message="the snapshot is damaged")
    # When the user deploys a new run
    with pytest.raises(DeployFailed) as failed:
        stage.job.migrate()
    # Then the deploy names the phase and the reason, and the site is not migrated
    assert "Image" in str(failed.value)
    assert "damaged" in str(failed.value)
    found = outcome.evaluate(stage, Scenario(expected_end="not migrated"), RunResult(False, str(failed.value), 0.0))
    assert found.problems == []


def list_targets(stage: Stage) -> set[str]:
    """Return the ids of the running targets."""
    return {machine for machine, role in stage.list_running_machines().items() if role == "target"}


def test_a_failed_cutover_leaves_its_servers_and_reports_what_is_billed(stage: Stage) -> None:
    # Given a cutover that fails before the window
    stage.start_writing()
    request_run(stage, "second-try")
    # When the user deploys it
    with stage.inject_fault("function-crash", step="verify", times=0), pytest.raises(DeployFailed) as failed:
        stage.job.migrate()
    # Then the deploy names the phase, and what stays, that it is billed, and how to remove it
    assert "Verify" in str(failed.value)
    assert "of ServersStack stay for a second try and are billed by the hour" in str(failed.value)
    assert str(failed.value).endswith("to remove them: npx cdk destroy ServersStack")
    # And the stack goes back. The image and servers of the second try stay, and the former image is gone
    assert get_stack_status(stage) == "UPDATE_ROLLBACK_COMPLETE"
    assert len(list_targets(stage)) == 2
    found = outcome.evaluate(
        stage, Scenario(expected_end="not migrated", image_replaced=True), RunResult(False, str(failed.value), 0.0)
    )
    assert found.problems == []


def test_a_failed_deploy_keeps_its_replica_for_the_next_one(stage: Stage) -> None:
    # Given settings that keep the replica of a failed run
    stage.start_writing()
    keep_replicas(stage, minutes=60)
    # When the user deploys the same run again, and it fails before the freeze again
    with stage.inject_fault("function-crash", step="verify", times=0), pytest.raises(DeployFailed) as failed:
        stage.job.migrate()
    # Then the deploy names what is kept. CloudFormation has deleted the run, and the replica is still there
    assert "Verify" in str(failed.value)
    assert "is kept until" in str(failed.value)
    suspended = json.loads(stage.get_run_record()["suspended"])
    assert list_replicas(stage) == [suspended["checkpoint"]["instance_id"]]
    assert get_stack_status(stage) == "UPDATE_ROLLBACK_COMPLETE"
    assert stage.get_source_mode() == "open"
    stage.stop_writing()  # the next test starts a client of its own


def test_the_next_deploy_migrates_to_the_same_servers_also_without_its_cli(stage: Stage) -> None:
    # Given the same deploy again, whose run has frozen the source. When somebody kills its CDK CLI
    servers, suspended = list_targets(stage), json.loads(stage.get_run_record()["suspended"])
    stage.start_writing()
    with run_deploy(stage) as cdk, stage.hold_at("drain"):
        cdk.send_signal(signal.SIGKILL)
        cdk.wait()
    # Then CloudFormation and the run continue without it
    wait_for("the stack", DEPLOY_SECONDS, lambda: get_stack_status(stage) == "UPDATE_COMPLETE")
    # And it has migrated to the servers that the failed cutover left. Their image remains
    assert list_targets(stage) == servers
    # And with the replica that the failed deploy has kept
    check_steps(stage, suspended, taken_over=TAKEN_OVER)
    # And the same command changes nothing
    run = stage.get_run_record()
    stage.job.migrate()
    assert stage.get_run_record() == run
    found = outcome.evaluate(stage, Scenario(expected_end="migrated", image_replaced=True), RunResult(True, "", 0.0))
    assert found.problems == []


def test_a_second_cutover_of_a_migrated_site_is_refused(stage: Stage) -> None:
    # Given a committed site. When the user requests another run
    request_run(stage, "once-more")
    with pytest.raises(DeployFailed) as failed:
        stage.job.migrate()
    # Then the deploy fails at its test launch, before any other stack, and CloudFormation rolls that back
    assert "already moved" in str(failed.value)
    assert get_stack_status(stage, "TestLaunchStack") == "UPDATE_ROLLBACK_COMPLETE"
    assert get_stack_status(stage) == "UPDATE_COMPLETE"
    assert stage.get_run_record()["decision"] == "commit"
    assert stage.get_source_mode() == "forward"
