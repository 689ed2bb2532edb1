"""The function dies in each try of the commit, before it writes."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("function-crash", step="commit", times=0)
    return stage.cutover()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Commit",))
