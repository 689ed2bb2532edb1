"""The procedure's function dies once in each step of the cutover, when all was done and nothing told: every step is done twice."""

from __future__ import annotations

from procedure import plan

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    for step in plan.CUTOVER:
        stage.order("function-crash", step=step.name, when="after")
    return stage.cutover()


SCENARIO = Scenario(ends="migrated", act=act, always=True)
