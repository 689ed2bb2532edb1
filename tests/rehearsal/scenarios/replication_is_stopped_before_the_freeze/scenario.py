"""Somebody stops the replication task while everything is compared."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("verify"):
        stage.stop_replication()
    return stage.end(pending)


SCENARIO = Scenario(ends="not migrated", act=act, replicates=False)
