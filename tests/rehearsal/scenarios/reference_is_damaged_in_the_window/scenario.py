"""A branch of the target's copy points to an object that exists nowhere, in a file of the same size and time, so that no copy mends it."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage

# With the file's own times.
DAMAGE = """
f=$(find /mnt/efs/live/repositories -path '*/ledger/*/refs/heads/*' -type f | head -1)
touch -r "$f" /tmp/times && printf '%040d\\n' 1 > "$f" && touch -r /tmp/times "$f"
"""


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("verify-changes"):
        stage.on("replica", "sh", "-c", DAMAGE)
    return stage.end(pending)


SCENARIO = Scenario(ends="not migrated", act=act, says=("Verify", "missing object"))
