"""The replication falls behind when the source is frozen, and does not catch up."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("freeze"):
        stage.dms("lag", seconds=3600.0)
    return stage.end(pending)


SCENARIO = Scenario(ends="not migrated", act=act, says=("Drain", "marker"))
