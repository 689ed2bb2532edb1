"""git on the replica of a test launch takes no push of any size: the deploy names phase, machine and check, as soon as the replica has told."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage

TOLD_SECONDS = 45
"""the replica is removed first"""


def act(stage: Stage) -> Ended:
    stage.before_scripts("git config --system receive.maxInputSize 1")
    ended = stage.run()
    seconds = ended.at - float(stage.record()["posted"])
    assert seconds < TOLD_SECONDS, f"the deploy was told {seconds:.0f} s after the report"
    return ended


SCENARIO = Scenario(ends="not tested", act=act, kind="test-launch", says=("Acceptance on i-", "push"))
