"""One of the two targets loses its power at a step of the window."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage, step: str) -> Ended:
    pending = stage.begin()
    with stage.at(step):
        stage.kill("target")
    return stage.end(pending)


SCENARIO = Scenario(ends="either", act=act, steps=("freeze", "activate", "accept-live", "commit"))
