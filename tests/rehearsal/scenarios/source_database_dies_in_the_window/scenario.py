"""The source's database server is killed right after it was frozen; it starts again by itself, read-only."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("drain"):
        stage.kill_unit("source-database", "mariadb.service")
    return stage.end(pending)


SCENARIO = Scenario(ends="either", act=act)
