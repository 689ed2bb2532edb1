"""The image of a replica that has passed ends as failed, with a snapshot."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("image-fails", message="the snapshot is damaged")
    return stage.run()


SCENARIO = Scenario(ends="not tested", act=act, kind="test-launch", says=("Image on i-", "the snapshot is damaged"))
