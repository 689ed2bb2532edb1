"""The stack is deleted in the middle of a test launch: before its image is begun, and while it is made."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage, step: str) -> Ended:
    if step == "await-image":
        stage.order("image-slow", seconds=10)
    pending = stage.begin()
    with stage.at(step):
        deleting = stage.delete()
    ended = stage.end(pending)
    assert stage.end(deleting).ok
    return ended


SCENARIO = Scenario(
    ends="not tested",
    act=act,
    kind="test-launch",
    steps=("await-report", "await-image"),
    says=("deleted",),
)
