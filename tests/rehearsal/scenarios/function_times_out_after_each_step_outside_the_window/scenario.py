"""In each step before and after the window the function runs out of time once, when all was done and nothing told."""

from __future__ import annotations

from procedure import plan

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    for step in (*plan.BEFORE_WINDOW, *plan.AFTER_COMMIT):
        stage.order("function-timeout", step=step.name, when="after")
    return stage.run()


SCENARIO = Scenario(ends="migrated", act=act)
