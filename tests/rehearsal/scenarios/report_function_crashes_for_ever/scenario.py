"""The function that takes the replica's report dies each time it is called."""

from __future__ import annotations

from tests.rehearsal.scenarios.plugs import REPORTING
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("function-crash", function=REPORTING, times=0)
    return stage.run()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Bulk copy", "a report of the launched machine"))
