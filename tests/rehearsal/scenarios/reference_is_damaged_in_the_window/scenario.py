"""A branch that was pushed since the full comparison points, in the target's copy, to an object that exists nowhere, once it was carried over."""

from __future__ import annotations

from tests.rehearsal.scenarios.plugs import wait
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage

# What the delta has carried over is listed there when it ends its first rsync; the second is by content and would mend the branch.
CARRIED = "test -s /run/cutover/changes && ! pgrep -x rsync > /dev/null && sleep 1 && ! pgrep -x rsync > /dev/null && echo yes || true"
DAMAGE = r"""
f=$(tr '\0' '\n' < /run/cutover/changes | sed -n 's|^f\(repositories/ledger/.*/refs/heads/.*\)|/mnt/efs/live/\1|p' | head -1)
printf '%040d\n' 1 > "$f"
"""


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("delta"):
        wait("the delta to be carried over", 30, lambda: stage.on("replica", "sh", "-c", CARRIED).strip() == "yes")
        stage.on("replica", "sh", "-c", DAMAGE)
    return stage.end(pending)


SCENARIO = Scenario(ends="not migrated", act=act, says=("Verify", "missing object"))
