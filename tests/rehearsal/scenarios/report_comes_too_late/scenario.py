"""The replica's pass is delivered when its time is over and the run has been rolled back: nothing takes it for a pass any more."""

from __future__ import annotations

from tests.rehearsal.scenarios.plugs import REPORTING
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    with stage.order("function-hold", function=REPORTING) as hold:
        ended = stage.cutover()
        hold.release()
    assert "report_by" not in stage.record()
    return ended


SCENARIO = Scenario(ends="not migrated", act=act, says=("Bulk copy", "a report of the launched machine"))
