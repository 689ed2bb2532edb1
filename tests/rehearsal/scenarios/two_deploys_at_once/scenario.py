"""A second cutover is asked for while the first is in the window: it is refused and changes nothing."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("drain"):
        second = stage.resource().create(CutoverId="second")
        refused = stage.end(second)
        assert not refused.ok
        assert "holds the site" in refused.reason
    return stage.end(pending)


SCENARIO = Scenario(ends="migrated", act=act)
