"""The targets' disks fill up while the source is frozen: Gogs cannot start, or cannot write."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("verify-changes"):
        for machine, role in stage.machines().items():
            if role == "target":
                stage.fill(machine, "/var/lib")
    ended = stage.end(pending)
    for machine, role in stage.machines().items():
        if role == "target":
            stage.on(machine, "rm", "-f", "/var/lib/full")
    return ended


SCENARIO = Scenario(ends="either", act=act)
