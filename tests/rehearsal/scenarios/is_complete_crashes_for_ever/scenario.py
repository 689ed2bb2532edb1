"""The function that knows how the run goes always dies while the source is frozen: the deploy fails, CloudFormation deletes the resource, the run is rolled back."""

from __future__ import annotations

from tests.rehearsal.scenarios.plugs import IS_COMPLETE, wait
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("verify-changes"):
        fault = stage.order("function-crash", function=IS_COMPLETE, times=0)
        ended = stage.end(pending)
        fault.clear()
        deleting = stage.delete()
        wait("the run to hear of it", 60, lambda: "abort" in stage.record())
    assert stage.end(deleting).ok
    return ended


SCENARIO = Scenario(ends="not migrated", act=act, says=("died 3 times",))
