"""A row of the target was changed by somebody else; it is found and the table reloaded."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.on("rds", "mysql", "-e", "UPDATE gogs.user SET full_name = 'changed at the target' LIMIT 1")
    return stage.cutover()


SCENARIO = Scenario(ends="migrated", act=act)
