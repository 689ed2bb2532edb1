"""The source's application server restarts while it is frozen: it comes back frozen."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("verify-changes"):
        stage.reboot("source-app")
        assert "frozen" in stage.on("source-app", "cat", "/etc/haproxy/cutover/mode.map")
    return stage.end(pending)


SCENARIO = Scenario(ends="either", act=act)
