"""Somebody stops the procedure's execution itself while the source is frozen; CloudFormation then deletes the resource."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("activate"):
        stage.stop_execution()
    ended = stage.end(pending)
    assert stage.end(stage.delete()).ok
    return ended


SCENARIO = Scenario(ends="not migrated", act=act, says=("ABORTED",), always=True)
