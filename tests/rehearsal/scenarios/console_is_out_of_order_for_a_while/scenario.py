"""The console answers 401, 409, 429 and 500, closes connections, loses answers and forgets its sessions."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    for status in (401, 429, 500, 503):
        stage.console("http", path="/machines*", status=status)
        stage.console("http", path="/jobs*", status=status)
    stage.console("http", path="/launchMachines", method="POST", status=409)
    stage.console("close", path="/machines*")
    stage.console("lose-answer", path="/launchMachines", method="POST")
    pending = stage.begin()
    with stage.at("await-bulk"):  # signed in, between two calls
        stage.console("forget-sessions")
    return stage.end(pending)


SCENARIO = Scenario(ends="migrated", act=act, always=True)
