"""The source's database server loses its power while it is frozen, and is started again: it comes back read-only."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage, step: str) -> Ended:
    pending = stage.begin()
    with stage.at(step):
        machine = stage.kill("source-database")
        stage.power_on(machine)
    return stage.end(pending)


SCENARIO = Scenario(ends="either", act=act, steps=("drain", "accept-live", "commit"))
