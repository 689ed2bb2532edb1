"""The function dies in each try of a step in the window, when the targets have turned to the live data."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("function-crash", step="accept-live", times=0)
    return stage.cutover()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Accept",))
