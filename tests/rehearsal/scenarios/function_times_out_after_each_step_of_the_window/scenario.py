"""In each step of the window the function runs out of time once, when all was done and nothing told."""

from __future__ import annotations

from procedure import plan

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    for step in plan.WINDOW:
        stage.order("function-timeout", step=step.name, when="after")
    return stage.cutover()


SCENARIO = Scenario(ends="migrated", act=act)
