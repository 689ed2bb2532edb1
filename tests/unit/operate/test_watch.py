"""`status --watch`: a run is followed to its end."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from common.errors import RetryableServiceError
from common.settings import Limits
from procedure import plan

from operate.output import Output
from operate.status import Plan, Status, StatusReader
from operate.watch import watch
from tests.unit.operate.consoles import create_terminal, read_screen
from tests.unit.operate.sites import RUN, FakeSite
from tests.unit.procedure.clock import FakeClock


def create_walk(site: FakeSite) -> Callable[[float], None]:
    """Return a sleep after which the run is one step further, until it ends."""
    steps = iter([step.name for step in plan.TEST_LAUNCH[1:]])

    def advance(seconds: float) -> None:
        runs = site.world.runs
        FakeClock.sleep(site.world.clock, seconds)
        if (step := next(steps, None)) is not None:
            runs.renew_lock(RUN, step, seconds=900, heed_abort=False)
        else:
            runs.release(RUN)

    return advance


def watch_test_launch(output: Output) -> Status:
    site = FakeSite()
    site.world.runs.acquire(RUN, "test-launch", seconds=900)
    site.world.clock.sleep = create_walk(site)  # type: ignore[assignment,method-assign]
    site.fails = RetryableServiceError("dynamodb:GetItem: throttled")
    return watch(StatusReader(site, Plan(limits=Limits()), site.world.clock), site.world.clock, output)


def test_a_watched_run_is_followed_to_its_end_and_a_short_failure_is_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = watch_test_launch(Output())

    assert not status.is_running
    lines = capsys.readouterr().out.splitlines()
    assert "will look again: dynamodb:GetItem: throttled" in lines[0]
    assert [line.split()[1] for line in lines[1:]] == [step.name for step in plan.TEST_LAUNCH[1:]] + ["released"]


def test_a_terminal_shows_the_watched_run_live() -> None:
    output = create_terminal(60)
    watch_test_launch(output)

    text = "\n".join(read_screen(output))
    assert "will look again" in text
    assert "Acceptance" in text
    assert "nothing: the run is over" in text


def test_a_watch_in_json_mode_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=True)
    status = watch_test_launch(output)
    output.finish(status.to_json(), ok=status.is_good)

    printed = json.loads(capsys.readouterr().out)
    assert printed["running"] is False
    assert printed["site"] == "gogs"
