"""A row of a table that users write to is changed at the target when all was compared."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("drain"):
        stage.on("rds", "mysql", "-e", "UPDATE gogs.issue SET content = 'changed at the target' LIMIT 1")
    return stage.end(pending)


SCENARIO = Scenario(ends="not migrated", act=act, says=("Verify", "issue"))
