"""EC2 cannot be asked for an image, longer than a function repeats its calls: the report is delivered again."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order("api-error", service="ec2", action="CreateImage", times=7, code="InternalError", status=500)
    return stage.run()


SCENARIO = Scenario(ends="tested", act=act, kind="test-launch")
