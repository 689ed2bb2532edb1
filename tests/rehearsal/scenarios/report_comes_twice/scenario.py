"""SNS delivers the replica's report twice, and the queue gives its message a second time."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("sns-duplicate")
    stage.order("sqs-redeliver", times=2)
    return stage.cutover()


SCENARIO = Scenario(ends="migrated", act=act)
