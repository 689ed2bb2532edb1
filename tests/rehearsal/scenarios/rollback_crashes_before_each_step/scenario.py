"""The run fails in the window, and the function dies once in each step of the way back, before it has done anything."""

from __future__ import annotations

from procedure import plan

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    for step in (plan.DECIDE_ROLLBACK, *plan.CUTOVER_ROLLBACK, plan.RELEASE, plan.CONCLUDE):
        stage.order("function-crash", step=step.name)
    stage.order("function-crash", step="commit", times=0)
    return stage.run()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Commit",))
