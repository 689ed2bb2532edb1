"""The replication task fails as the source is about to be frozen: the marker never arrives."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("freeze"):
        stage.dms("fail", message="the target's disk is full")
    return stage.end(pending)


SCENARIO = Scenario(ends="not migrated", act=act, says=("Drain", "the target's disk is full"))
