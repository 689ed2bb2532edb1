"""The run fails in the window, and DMS does not start the task again: the deploy's error says so."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("function-crash", step="commit", times=0)
    stage.order(
        "api-error", service="dms", action="StartReplicationTask", times=0, code="InvalidResourceStateFault", status=400
    )
    return stage.run()


SCENARIO = Scenario(ends="not migrated", act=act, says=("Commit", "not rolled back", "replication"), replicates=False)
