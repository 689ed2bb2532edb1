"""The source's database server loses its power while it is frozen, and somebody starts it when the run is being rolled back."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("drain"):
        machine = stage.kill("source-database")
    with stage.at("rollback-source"):
        pass
    stage.power_on(machine)
    return stage.end(pending)


SCENARIO = Scenario(ends="not migrated", act=act)
