"""The file system that the targets share takes no write of the replica while the last changes are carried over."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("freeze"):
        stage.on("replica", "mount", "-o", "remount,bind,ro", "/mnt/efs")
    return stage.end(pending)


SCENARIO = Scenario(ends="not migrated", act=act, says=("Delta on i-",))
