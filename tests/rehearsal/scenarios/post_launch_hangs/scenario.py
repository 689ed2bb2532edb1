"""The script of the launched replica stops without an end: nothing is ever reported."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.before_post_launch("systemctl kill --signal=STOP cutover-post-launch.service")
    return stage.cutover()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Bulk copy", "a report of the launched machine"))
