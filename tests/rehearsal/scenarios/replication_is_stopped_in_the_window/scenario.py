"""Somebody stops the replication task when the source is about to be frozen: the marker never arrives. Who stopped it starts it again."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("freeze"):
        stage.stop_replication()
    return stage.end(pending)


SCENARIO = Scenario(ends="not migrated", act=act, says=("Drain", "stopped"), replicates=False)
