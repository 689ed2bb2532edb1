"""After the commit the source's proxy cannot be told to forward, for ever: the deploy succeeds with a warning."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("function-crash", step="forward", times=0)
    return stage.cutover()


SCENARIO = Scenario(ends="migrated", act=act, says=("Forward",), forwards=False)
