"""The script of the launched replica is killed while it brings the files: the unit that watches it reports for it."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.before_post_launch("systemctl kill --signal=KILL cutover-post-launch.service")
    return stage.cutover()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Bulk copy", "post-launch"))
