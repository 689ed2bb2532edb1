"""The console's launch job does not end within its time limit."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.console("slow-job", seconds=3600)
    return stage.cutover()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Launch", "waiting"))
