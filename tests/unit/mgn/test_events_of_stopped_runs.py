"""A launch of AWS MGN whose run fails or must stop while the launch runs."""

from __future__ import annotations

import pytest
from procedure.step import Step

from tests.unit.mgn.launching import SOON_SECONDS, Run
from tests.unit.mgn.world import SECONDS, MgnWorld, SendEvent, send
from tests.unit.procedure.failures import boom

ABORT_SECONDS = 3.5
"""a slice of the long poll, and the pause of the state machine"""


def test_a_roll_back_waits_for_the_event_of_the_launch_that_still_runs(test_launch: Run) -> None:
    world = MgnWorld(send)
    result, _ = test_launch(world, before=lambda step: boom("it broke here")() if step == "await-job" else None)

    assert result.cause["reason"] == "it broke here"
    assert world.stage.ec2.list_running() == []
    launched, removed = world.service.ended.values()
    assert removed - launched - SECONDS["TERMINATE"] <= SOON_SECONDS
    assert world.stage.mgn.count("DescribeJobs") <= SECONDS["LAUNCH"] / 60 + 25


@pytest.mark.parametrize("send_event", [send, None], ids=["events", "polls"])
@pytest.mark.parametrize("seconds", [100.0, 111.3, 118.9])
def test_a_request_to_stop_the_run_is_noticed_soon_while_a_launch_runs(
    test_launch: Run, seconds: float, send_event: SendEvent | None
) -> None:
    world, asked, noticed = MgnWorld(send_event), list[float](), list[float]()

    def ask() -> None:
        assert world.runs.request_abort("m1-test-launch", "the stack is being deleted")
        asked.append(world.clock.now())

    def observe(step: Step, outcome: str, _facts: object) -> None:
        if outcome == "failed":
            assert step.name == "await-job"
            noticed.append(world.clock.now())

    world.service.act_after(seconds, ask)
    result = test_launch(world, step_observer=observe)[0]

    assert result.cause["reason"] == "the stack is being deleted"
    assert noticed[0] - asked[0] <= ABORT_SECONDS
    assert world.stage.ec2.list_running() == []
    assert world.state == "READY_FOR_TEST"


def test_the_end_of_a_launch_is_waited_for_although_the_run_must_stop(test_launch: Run) -> None:
    """A launch cannot be canceled: the roll back waits for its end, and no request to stop interrupts that."""
    world = MgnWorld(send)
    world.service.act_after(100, lambda: _request_abort(world))
    test_launch(world)

    launched, removed = world.service.ended.values()
    assert removed - launched - SECONDS["TERMINATE"] <= SOON_SECONDS


def _request_abort(world: MgnWorld) -> None:
    assert world.runs.request_abort("m1-test-launch", "the stack is being deleted")
