"""The launched replica boots, its scripts do not run."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.console("no-scripts", times=0)
    return stage.cutover()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Bulk copy",))
