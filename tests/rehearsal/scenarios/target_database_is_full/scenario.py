"""The target's database has no room left when the source is frozen."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("freeze"):
        stage.fill("rds", "/var/lib/mysql")
    ended = stage.end(pending)
    stage.on("rds", "rm", "-f", "/var/lib/mysql/full")
    return ended


SCENARIO = Scenario(ends="either", act=act)
