"""The console's launch job does not end within its time limit, nor while the run waits to remove its replica: the deploy says so."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.console("slow-job", seconds=3600)
    return stage.cutover()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Launch", "waiting", "not rolled back", "launch job"))
