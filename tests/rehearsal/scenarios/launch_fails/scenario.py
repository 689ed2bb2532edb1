"""The console's launch job fails."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.console("launch-fails", message="no capacity in this zone")
    return stage.cutover()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Launch", "no capacity"))
