"""Late, repeated and forged reports of the replica, and crashes of the function that accepts them."""

from __future__ import annotations

import json

from tests.rehearsal.scenarios.fault_injection import REPORT
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage


@Scenario(expected_end="not migrated", reason_contains=("Bulk copy", "a report of the launched machine"))
def report_comes_too_late(stage: Stage) -> RunResult:
    """The replica's report of a pass arrives after the roll back of the run. The function does not accept it."""
    with stage.inject_fault("function-hold", function=REPORT) as hold:
        result = stage.run()
        hold.release()
    assert "report_by" not in stage.get_run_record()
    return result


@Scenario(expected_end="migrated")
def report_comes_twice(stage: Stage) -> RunResult:
    """SNS delivers the replica's report twice, and SQS delivers its message a second time."""
    stage.inject_fault("sns-duplicate")
    stage.inject_fault("sqs-redeliver", times=2)
    return stage.run()


@Scenario(expected_end="migrated")
def report_is_forged(stage: Stage) -> RunResult:
    """A stranger publishes reports of a pass: of another machine, of another run, and one that is not a report."""
    pending = stage.start_run()
    with stage.hold_at("await-bulk"):
        run = stage.get_run_record()["run_id"]
        target = stage.get_target_facts()
        good = {
            "version": 1,
            "run_id": run,
            "launch": "CUTOVER",
            "outcome": "pass",
            "reason": "",
            "checks": [{"name": "files", "outcome": "pass", "reason": "", "seconds": 1}],
        }
        other = stage.get_replication_facts()["source_app_instance_id"]
        for body in (
            {**good, "instance_id": other},
            {**good, "run_id": "another", "instance_id": other},
            {**good, "launch": "TEST", "instance_id": other},
            "pass",
        ):
            stage.aws.make_client("sns").publish(TopicArn=target["topic_arn"], Message=json.dumps(body))
    return stage.wait_for_result(pending)


@Scenario(expected_end="migrated")
def report_function_crashes(stage: Stage) -> RunResult:
    """The function that accepts the replica's report crashes once before and once after its work. Its third invocation
    succeeds.
    """
    stage.inject_fault("function-crash", function=REPORT)
    stage.inject_fault("function-crash", function=REPORT, when="after")
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("Bulk copy", "a report of the launched machine"))
def report_function_crashes_for_ever(stage: Stage) -> RunResult:
    """The function that accepts the replica's report crashes in each invocation."""
    stage.inject_fault("function-crash", function=REPORT, times=0)
    return stage.run()
