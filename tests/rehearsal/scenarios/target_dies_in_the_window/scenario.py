"""One of the two targets loses its power while the source is frozen."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("verify-changes"):
        stage.kill("target")
    return stage.end(pending)


SCENARIO = Scenario(ends="either", act=act, always=True)
