"""The replica's report comes late, twice or from somebody else, and the function that takes it dies."""

from __future__ import annotations

import json

from common.site_parameters import Parameter, parameter_path

from tests.rehearsal.scenarios.plugs import REPORTING
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


@Scenario(ends="not migrated", says=("Bulk copy", "a report of the launched machine"))
def report_comes_too_late(stage: Stage) -> Ended:
    """The replica's pass is delivered when its time is over and the run has been rolled back: nothing takes it for a
    pass any more.
    """
    with stage.order("function-hold", function=REPORTING) as hold:
        ended = stage.cutover()
        hold.release()
    assert "report_by" not in stage.record()
    return ended


@Scenario(ends="migrated")
def report_comes_twice(stage: Stage) -> Ended:
    """SNS delivers the replica's report twice, and the queue gives its message a second time."""
    stage.order("sns-duplicate")
    stage.order("sqs-redeliver", times=2)
    return stage.cutover()


@Scenario(ends="migrated")
def report_is_forged(stage: Stage) -> Ended:
    """Somebody publishes passes: of another machine, of another run, and one that is no report at all."""
    pending = stage.begin()
    with stage.at("await-bulk"):
        run = stage.record()["run_id"]
        target = stage.aws.parameter(parameter_path("gogs", Parameter.TARGET))
        good = {
            "version": 1,
            "run_id": run,
            "launch": "CUTOVER",
            "outcome": "pass",
            "reason": "",
            "checks": [{"name": "files", "outcome": "pass", "reason": "", "seconds": 1}],
        }
        other = stage.facts()["source_app_instance_id"]
        for body in (
            {**good, "instance_id": other},
            {**good, "run_id": "another", "instance_id": other},
            {**good, "launch": "TEST", "instance_id": other},
            "pass",
        ):
            stage.aws.client("sns").publish(TopicArn=target["topic_arn"], Message=json.dumps(body))
    return stage.end(pending)


@Scenario(ends="migrated")
def report_function_crashes(stage: Stage) -> Ended:
    """The function that takes the replica's report dies once before and once after its work: it is called a third
    time.
    """
    stage.order("function-crash", function=REPORTING)
    stage.order("function-crash", function=REPORTING, when="after")
    return stage.run()


@Scenario(ends="not migrated", says=("Bulk copy", "a report of the launched machine"))
def report_function_crashes_for_ever(stage: Stage) -> Ended:
    """The function that takes the replica's report dies each time it is called."""
    stage.order("function-crash", function=REPORTING, times=0)
    return stage.run()
