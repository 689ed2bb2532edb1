"""The function that takes the replica's report dies once before and once after its work: it is called a third time."""

from __future__ import annotations

from tests.rehearsal.scenarios.plugs import REPORTING
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("function-crash", function=REPORTING)
    stage.order("function-crash", function=REPORTING, when="after")
    return stage.run()


SCENARIO = Scenario(ends="migrated", act=act)
