"""The source's application server loses its power while it is frozen. Somebody starts it again when the run has ended, if it had to."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage, step: str) -> Ended:
    pending = stage.begin()
    with stage.at(step):
        machine = stage.kill("source-app")
        stage.power_on(machine)
        assert stage.mode_of_source() == "frozen"
    return stage.end(pending)


SCENARIO = Scenario(ends="either", act=act, steps=("drain", "accept-live", "commit"))
