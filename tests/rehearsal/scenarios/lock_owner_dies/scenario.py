"""The execution is stopped while the source is frozen. Another run is refused; the lock ends, the source opens by itself, then the resource is deleted, which rolls the old run back, and it is deployed again."""

from __future__ import annotations

import time

from tests.rehearsal.scenarios.plugs import wait
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage

LOCK_SECONDS = 200.0


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("activate"):
        stage.stop_execution()
    assert not stage.end(pending).ok
    refused = stage.run()
    assert "holds the site until" in refused.reason, refused
    stage.await_open_source()
    wait("the lock to end", LOCK_SECONDS, lambda: float(stage.record()["lock_expires"]) < time.time())
    assert stage.end(stage.delete()).ok
    return stage.run()


SCENARIO = Scenario(ends="migrated", act=act)
