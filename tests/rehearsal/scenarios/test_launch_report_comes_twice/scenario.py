"""SNS delivers the report of a test launch twice, and the queue gives its message two times more: one image is made."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("sns-duplicate")
    stage.order("sqs-redeliver", times=2)
    return stage.run()


SCENARIO = Scenario(ends="tested", act=act, kind="test-launch")
