"""The replica of a test launch loses its power while it is accepted."""

from __future__ import annotations

from tests.rehearsal.scenarios.plugs import wait
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("await-report"):
        wait("Gogs on the replica", 60, lambda: stage.runs("replica", "gogs.service"))
        stage.kill("replica")
    return stage.end(pending)


SCENARIO = Scenario(
    ends="not tested", act=act, kind="test-launch", says=("Acceptance", "a report of the launched machine")
)
