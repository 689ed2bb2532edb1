"""The console answers 403 to the launch: its user may not."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.console("http", path="/launchMachines", method="POST", status=403, times=0)
    return stage.cutover()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Launch", "403"))
