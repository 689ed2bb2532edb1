"""The function has a defect in the last step: the deploy succeeds with a warning that names it, and the site has moved."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("function-crash", step="finish", times=0, error="KeyError", message="'a defect'")
    return stage.run()


SCENARIO = Scenario(ends="migrated", act=act, says=("Finish",))
