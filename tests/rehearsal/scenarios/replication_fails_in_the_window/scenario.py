"""The replication task fails when the database has been frozen."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("freeze-database"):
        stage.dms("fail", message="the target's disk is full")
    return stage.end(pending)


SCENARIO = Scenario(ends="not migrated", act=act, says=("Drain", "the target's disk is full"))
