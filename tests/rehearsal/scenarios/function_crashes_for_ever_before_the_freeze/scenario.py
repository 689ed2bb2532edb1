"""The function dies in each try of a step before the freeze."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("function-crash", step="verify", times=0)
    return stage.cutover()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Verify",))
