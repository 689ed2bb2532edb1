"""The function has a defect in the step that takes away what the acceptance made: the deploy succeeds with a warning that names it, and that alone is left."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("function-crash", step="tidy", times=0, error="KeyError", message="'a defect'")
    return stage.run()


SCENARIO = Scenario(ends="migrated", act=act, says=("Tidy up",), leaves=("what the acceptance made",))
