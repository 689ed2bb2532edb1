"""Faults of a test launch, while the source serves."""

from __future__ import annotations

import json

from procedure import plan

from tests.rehearsal.scenarios.fault_injection import REPORT, wait_for
from tests.rehearsal.scenarios.scenario import ANY_PROVIDER, Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage


@Scenario(expected_end="tested", providers=ANY_PROVIDER, kind="test-launch")
def test_launch_crashes_after_each_step(stage: Stage) -> RunResult:
    """The procedure's function crashes once in each step of a test launch, after its work and before it returns. The
    report function also crashes once, after it requested the image.
    """
    for step in plan.TEST_LAUNCH:
        stage.inject_fault("function-crash", step=step.name, when="after")
    stage.inject_fault("function-crash", function=REPORT, when="after")
    return stage.run()


@Scenario(expected_end="tested", providers=ANY_PROVIDER, kind="test-launch")
def test_launch_crashes_before_each_step(stage: Stage) -> RunResult:
    """The procedure's function crashes once in each step of a test launch, before the step has any effect."""
    for step in plan.TEST_LAUNCH:
        stage.inject_fault("function-crash", step=step.name)
    return stage.run()


@Scenario(expected_end="not tested", kind="test-launch", reason_contains=("Image on i-", "the snapshot is damaged"))
def test_launch_image_fails(stage: Stage) -> RunResult:
    """The image of an accepted replica fails and has a snapshot."""
    stage.inject_fault("image-fails", message="the snapshot is damaged")
    return stage.run()


@Scenario(
    expected_end="not tested",
    kind="test-launch",
    reason_contains=("Acceptance on i-", ("no image could be made"), "ResourceLimitExceeded"),
)
def test_launch_image_is_refused(stage: Stage) -> RunResult:
    """EC2 refuses to create the image of an accepted replica, because the account has too many images."""
    stage.inject_fault(
        "api-error",
        service="ec2",
        action="CreateImage",
        times=0,
        code="ResourceLimitExceeded",
        status=400,
        message="too many",
    )
    return stage.run()


@Scenario(expected_end="tested", kind="test-launch")
def test_launch_image_is_refused_for_a_while(stage: Stage) -> RunResult:
    """EC2 returns errors to CreateImage for longer than the function retries. SNS delivers the report again."""
    stage.inject_fault("api-error", service="ec2", action="CreateImage", times=7, code="InternalError", status=500)
    return stage.run()


@Scenario(
    expected_end="not tested",
    providers=ANY_PROVIDER,
    kind="test-launch",
    steps=("await-report", "await-image"),
    reason_contains=("deleted",),
)
def test_launch_is_deleted(stage: Stage, step: str) -> RunResult:
    """The stack is deleted during a test launch: before the request of its image, or while EC2 creates the image."""
    if step == "await-image":
        stage.inject_fault("image-slow", seconds=10)
    pending = stage.start_run()
    with stage.hold_at(step):
        deleting = stage.delete_resource()
    result = stage.wait_for_result(pending)
    assert stage.wait_for_result(deleting).succeeded
    return result


REPORT_TO_FAILURE_SECONDS = 45
"""includes the removal of the replica"""


@Scenario(
    expected_end="not tested", providers=ANY_PROVIDER, kind="test-launch", reason_contains=("Acceptance on i-", "push")
)
def test_launch_is_not_accepted(stage: Stage) -> RunResult:
    """git on the replica of a test launch refuses every push. The deploy fails soon after the report and names phase,
    machine and check.
    """
    stage.inject_before_post_launch("git config --system receive.maxInputSize 1")
    result = stage.run()
    seconds = result.ended_at - float(stage.get_run_record()["posted"])
    assert seconds < REPORT_TO_FAILURE_SECONDS, f"the deploy failed {seconds:.0f} s after the report"
    return result


@Scenario(expected_end="tested", providers=ANY_PROVIDER, kind="test-launch", steps=("await-job", "await-report"))
def test_launch_is_stopped_and_created_again(stage: Stage, step: str) -> RunResult:
    """An operator stops a test launch's execution. CloudFormation deletes the resource, and a new deploy succeeds."""
    pending = stage.start_run()
    with stage.hold_at(step):
        stage.stop_execution()
    assert not stage.wait_for_result(pending).succeeded
    assert stage.wait_for_result(stage.delete_resource()).succeeded
    return stage.run()


@Scenario(
    expected_end="not tested",
    providers=ANY_PROVIDER,
    kind="test-launch",
    reason_contains=("Acceptance", "the launched machine does not run"),
)
def test_launch_replica_dies(stage: Stage) -> RunResult:
    """The replica of a test launch loses power during the acceptance suite."""
    pending = stage.start_run()
    with stage.hold_at("await-report"):
        wait_for("Gogs on the replica", 60, lambda: stage.is_unit_active("replica", stage.job.site.unit))
        stage.cut_power("replica")
    return stage.wait_for_result(pending)


@Scenario(expected_end="tested", kind="test-launch")
def test_launch_report_comes_twice(stage: Stage) -> RunResult:
    """SNS delivers the report of a test launch twice, and SQS delivers its message two more times. EC2 creates one
    image.
    """
    stage.inject_fault("sns-duplicate")
    stage.inject_fault("sqs-redeliver", times=2)
    return stage.run()


@Scenario(expected_end="tested", kind="test-launch")
def test_launch_report_is_forged(stage: Stage) -> RunResult:
    """A stranger publishes reports of a pass for machines that the test launch did not launch. The queue also contains
    an old message.
    """
    pending = stage.start_run()
    with stage.hold_at("await-report"):
        target = stage.get_target_facts()
        wait_for("the replica to run", 60, lambda: "replica" in stage.list_running_machines().values())
        replica = next(machine for machine, role in stage.list_running_machines().items() if role == "replica")
        good = {
            "version": 1,
            "run_id": stage.get_run_record()["run_id"],
            "launch": "TEST",
            "outcome": "pass",
            "reason": "",
            "checks": [{"name": "push", "outcome": "pass", "reason": "", "seconds": 1}],
        }
        source, other = (
            stage.get_replication_facts()["source_app_instance_id"],
            next(m for m, role in stage.list_running_machines().items() if role == "target"),
        )
        for body in (
            {**good, "instance_id": source},
            {**good, "instance_id": other},
            {**good, "instance_id": replica, "launch": "CUTOVER"},
            {**good, "instance_id": replica, "run_id": "another"},
            {**good, "instance_id": replica, "version": 2},
        ):
            stage.aws.make_client("sns").publish(TopicArn=target["topic_arn"], Message=json.dumps(body))
        stale = {**good, "instance_id": replica, "run_id": "another", "image_id": "ami-00000000000000000"}
        stage.aws.make_client("sqs").send_message(QueueUrl=target["queue_url"], MessageBody=json.dumps(stale))
    return stage.wait_for_result(pending)
