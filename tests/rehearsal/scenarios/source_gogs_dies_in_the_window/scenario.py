"""Gogs on the source is killed while it serves reads only."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("drain"):
        stage.kill_unit("source-app", "gogs.service")
    return stage.end(pending)


SCENARIO = Scenario(ends="migrated", act=act)
