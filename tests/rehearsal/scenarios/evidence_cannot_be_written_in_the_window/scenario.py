"""The evidence bucket refuses every write while the source is frozen: users come first, the records are written later."""

from __future__ import annotations

from procedure import plan

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("freeze", "after"):
        fault = stage.order(
            "api-error", service="s3", action="PutObject", times=0, code="ServiceUnavailable", status=503
        )
    with stage.at("tidy"):
        fault.clear()
    ended = stage.end(pending)
    written = {one["step"] for one in stage.steps() if "step" in one}
    assert written >= {step.name for step in plan.CUTOVER}
    return ended


SCENARIO = Scenario(ends="migrated", act=act)
