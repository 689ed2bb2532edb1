"""The execution of a test launch is stopped by hand; CloudFormation deletes the resource, and it is deployed again."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage, step: str) -> Ended:
    pending = stage.begin()
    with stage.at(step):
        stage.stop_execution()
    assert not stage.end(pending).ok
    assert stage.end(stage.delete()).ok
    return stage.run()


SCENARIO = Scenario(ends="tested", act=act, kind="test-launch", steps=("await-job", "await-report"))
