"""The procedure's function dies once in each step of a test launch, when all was done and nothing told; so does the report's, when the image was begun."""

from __future__ import annotations

from procedure import plan

from tests.rehearsal.scenarios.plugs import REPORTING
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    for step in plan.TEST_LAUNCH:
        stage.order("function-crash", step=step.name, when="after")
    stage.order("function-crash", function=REPORTING, when="after")
    return stage.run()


SCENARIO = Scenario(ends="tested", act=act, kind="test-launch")
