"""The function that knows how the run goes dies while the source is frozen, and again and again after the commit: the deploy hears nothing of it."""

from __future__ import annotations

from custom_resource.relay import TRIES

from tests.rehearsal.scenarios.plugs import IS_COMPLETE
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("drain"):
        stage.order("function-crash", function=IS_COMPLETE, times=TRIES - 1)
    with stage.at("tidy"):
        stage.order("function-crash", function=IS_COMPLETE, times=2 * TRIES)
    return stage.end(pending)


SCENARIO = Scenario(ends="migrated", act=act)
