"""The stack is deleted while the source is frozen."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("verify-changes"):
        deleting = stage.delete()
    stage.end(deleting)
    return stage.end(pending)


SCENARIO = Scenario(ends="not migrated", act=act, says=("deleted",))
