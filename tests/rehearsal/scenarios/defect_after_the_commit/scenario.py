"""The function has a defect in a step after the commit: the deploy succeeds with a warning that names it, and the site has moved."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage, step: str) -> Ended:
    stage.order("function-crash", step=step, times=0, error="KeyError", message="'a defect'")
    return stage.run()


SCENARIO = Scenario(ends="migrated", act=act, steps=("tidy", "finish"), says=("{phase}",))
