"""After the commit the source's proxy cannot be told to forward: the deploy succeeds with a warning, the source stays frozen."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage

# A folder where its configuration belongs.
OBSTACLE = "rm -rf /etc/haproxy/cutover/forward.cfg && mkdir -p /etc/haproxy/cutover/forward.cfg/obstacle"


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("commit"):
        stage.on("source-app", "sh", "-c", OBSTACLE)
    return stage.end(pending)


SCENARIO = Scenario(ends="migrated", act=act, says=("Forward",), forwards=False)
