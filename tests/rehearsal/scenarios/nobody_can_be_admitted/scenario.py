"""The function dies in each try of the step that admits everyone: later steps do it."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("function-crash", step="admit", times=0)
    return stage.run()


SCENARIO = Scenario(ends="migrated", act=act, says=("Admit everyone",))
