"""Somebody publishes passes for a test launch, of machines that it has not launched; an old message lies in the queue."""

from __future__ import annotations

import json

from common.site_parameters import Parameter, parameter_path

from rehearsal.demo_settings import SITE
from tests.rehearsal.scenarios.plugs import wait
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("await-report"):
        target = stage.aws.parameter(parameter_path(SITE, Parameter.TARGET))
        wait("the replica to run", 60, lambda: "replica" in stage.machines().values())
        replica = next(machine for machine, role in stage.machines().items() if role == "replica")
        good = {
            "version": 1,
            "run_id": stage.record()["run_id"],
            "launch": "TEST",
            "outcome": "pass",
            "reason": "",
            "checks": [{"name": "push", "outcome": "pass", "reason": "", "seconds": 1}],
        }
        source, other = (
            stage.facts()["source_app_instance_id"],
            next(m for m, role in stage.machines().items() if role == "target"),
        )
        for body in (
            {**good, "instance_id": source},
            {**good, "instance_id": other},
            {**good, "instance_id": replica, "launch": "CUTOVER"},
            {**good, "instance_id": replica, "run_id": "another"},
            {**good, "instance_id": replica, "version": 2},
        ):
            stage.aws.client("sns").publish(TopicArn=target["topic_arn"], Message=json.dumps(body))
        stale = {**good, "instance_id": replica, "run_id": "another", "image_id": "ami-00000000000000000"}
        stage.aws.client("sqs").send_message(QueueUrl=target["queue_url"], MessageBody=json.dumps(stale))
    return stage.end(pending)


SCENARIO = Scenario(ends="tested", act=act, kind="test-launch")
