"""The resource is deleted when its run was committed long ago."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    ended = stage.end(pending)
    assert stage.end(stage.delete()).ok
    return ended


SCENARIO = Scenario(ends="migrated", act=act)
