"""In each step of the cutover the function runs out of time once, before it has done anything."""

from __future__ import annotations

from procedure import plan

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    for step in plan.CUTOVER:
        stage.order("function-timeout", step=step.name)
    return stage.run()


SCENARIO = Scenario(ends="migrated", act=act)
