"""The function of the custom resource dies when CloudFormation asks for the cutover, before or after its work: the deploy fails, and no run goes on without a stack."""

from __future__ import annotations

from tests.rehearsal.scenarios.plugs import ON_EVENT
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage, step: str) -> Ended:
    stage.order("function-crash", function=ON_EVENT, fields={"RequestType": "Create"}, when=step)
    return stage.run()


SCENARIO = Scenario(ends="not migrated", act=act, steps=("before", "after"), spoken=False)
