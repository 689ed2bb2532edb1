"""One of the two targets loses its power right after the commit."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("point-name"):
        stage.kill("target")
    return stage.end(pending)


SCENARIO = Scenario(ends="migrated", act=act)
