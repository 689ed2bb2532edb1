"""After the commit a new cutover is asked for: it is refused and changes nothing."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    first = stage.cutover()
    again = stage.end(stage.resource().create(CutoverId="again"))
    assert not again.ok
    assert "already moved" in again.reason
    return first


SCENARIO = Scenario(ends="migrated", act=act)
