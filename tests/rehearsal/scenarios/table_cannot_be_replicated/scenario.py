"""DMS has given one table up."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.dms("table-error", schema="gogs", table="issue", message="a value does not fit")
    return stage.cutover()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Preflight", "gogs.issue"))
