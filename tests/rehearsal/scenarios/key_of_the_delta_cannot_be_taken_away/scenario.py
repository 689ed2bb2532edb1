"""The function has a defect in the step that closes the way of the files: the deploy succeeds and says so."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("function-crash", step="deny-delta", times=0, error="KeyError", message="'a defect'")
    return stage.run()


SCENARIO = Scenario(ends="migrated", act=act, says=("Close delta",), leaves=("key of the delta",))
