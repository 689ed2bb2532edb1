"""CloudFormation sends the same Create event a second time while the run is in the window."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("drain"):
        pending.again()
    return stage.end(pending)


SCENARIO = Scenario(ends="migrated", act=act)
