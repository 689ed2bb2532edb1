"""The first run fails in the window, after the acceptance has written to the live data; a second deploy follows at once."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    with stage.order("function-crash", step="commit", times=0):
        first = stage.cutover()
    assert not first.ok
    return stage.cutover()


SCENARIO = Scenario(ends="migrated", act=act, always=True)
