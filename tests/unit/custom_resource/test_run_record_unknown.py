"""A run whose record cannot be read, or is of another run: it may have committed, or another one has, and neither is guessed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest
from common.clients.executions import Execution
from common.errors import RetryableServiceError
from custom_resource.resources.run import RunFailed

from tests.unit.custom_resource.scene import Scene, committed, request

NAME = "m1-c-0123456789"


@pytest.fixture
def lose_record(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return the function that makes the record unreadable."""

    def fail() -> NoReturn:
        raise RetryableServiceError("dynamodb:GetItem: throttled")

    return lambda: monkeypatch.setattr(scene.runs, "read", fail)


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_failed_run_whose_record_cannot_be_read_is_asked_about_again(
    scene: Scene, lose_record: Callable[[], None], status: str
) -> None:
    scene.ended(NAME, status)
    lose_record()

    with pytest.raises(RetryableServiceError, match="what became of the run is not known"):
        scene.resource().check_progress(request(physical_id=NAME))


def test_a_failed_run_does_not_succeed_by_the_commit_of_another_one(scene: Scene) -> None:
    committed(scene, "m1-c-of-another-run")
    scene.services.executions[NAME] = Execution(status="FAILED", output={}, cause="it broke")

    with pytest.raises(RunFailed, match="it broke"):
        scene.resource().check_progress(request(physical_id=NAME))
