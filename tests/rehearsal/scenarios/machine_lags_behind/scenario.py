"""The console no longer gets the source's blocks: its backlog grows."""

from __future__ import annotations

from tests.rehearsal.scenarios.plugs import wait
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.console("lag")
    stage.start_writing()
    wait("a backlog", 60, lambda: stage.backlog() > 0)
    return stage.cutover()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Preflight", "wait to be copied"))
