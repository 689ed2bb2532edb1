"""Somebody publishes passes: of another machine, of another run, and one that is no report at all."""

from __future__ import annotations

import json

from common.site_parameters import Parameter, parameter_path

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
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


SCENARIO = Scenario(ends="migrated", act=act)
