"""EC2 makes no image of a replica that has passed: the account has too many."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    stage.order(
        "api-error",
        service="ec2",
        action="CreateImage",
        times=0,
        code="ResourceLimitExceeded",
        status=400,
        message="too many",
    )
    return stage.run()


SCENARIO = Scenario(
    ends="not tested",
    act=act,
    kind="test-launch",
    says=("Acceptance on i-", "no image could be made", "ResourceLimitExceeded"),
)
