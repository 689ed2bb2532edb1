"""The launched replica loses its power while it carries over the last changes."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("delta"):
        stage.kill("replica")
    return stage.end(pending)


SCENARIO = Scenario(ends="not migrated", act=act, says=(" on i-", "deploy again"), always=True)
