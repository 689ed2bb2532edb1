"""The launched replica loses its power at a step that needs it, or needs it no more."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage, step: str) -> Ended:
    pending = stage.begin()
    with stage.at(step):
        stage.kill("replica")
    return stage.end(pending)


SCENARIO = Scenario(ends="either", act=act, steps=("await-bulk", "freeze", "verify-changes", "stop-replication"))
