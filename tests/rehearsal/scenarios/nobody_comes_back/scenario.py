"""The procedure's execution is stopped while the source is frozen, and nobody ever deletes or repeats anything: the dead man's switch opens the source."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("drain"):
        stage.stop_execution()
    ended = stage.end(pending)
    stage.await_open_source()
    return ended


SCENARIO = Scenario(ends="not migrated", act=act, says=("ABORTED",), left_alone=True)
