"""The lock of the site: who acquires it when, and what a run that has acquired it before is returned."""

from __future__ import annotations

import pytest
from common.clients.run_record import LEASE_GRACE_SECONDS
from common.clients.runs import Runs
from common.errors import LockHeld

from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo

LEASE_SECONDS = 600


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def runs(clock: FakeClock) -> Runs:
    """The record of a run that has acquired the lock and may have frozen the source."""
    made = Runs(FakeDynamo(), "runs", "gogs", clock=clock)  # type: ignore[arg-type]
    made.acquire("r1", "cutover", seconds=100)
    made.write_freeze_lease("r1", expires=clock.now() + LEASE_SECONDS)
    return made


@pytest.mark.parametrize("run_id", ["r1", "r2"])
@pytest.mark.parametrize("is_released", [True, False])
def test_no_run_acquires_the_lock_after_the_commit(
    runs: Runs, clock: FakeClock, is_released: bool, run_id: str
) -> None:
    runs.commit("r1", margin=20)
    if is_released:
        runs.release("r1")
    clock.sleep(LEASE_SECONDS * 10)

    with pytest.raises(LockHeld, match="already moved by run r1"):
        runs.acquire(run_id, "cutover", seconds=100)


@pytest.mark.parametrize("run_id", ["r1", "r2"])
def test_a_source_may_be_frozen_for_some_time_after_its_lease(runs: Runs, clock: FakeClock, run_id: str) -> None:
    clock.sleep(LEASE_SECONDS + LEASE_GRACE_SECONDS - 1)
    with pytest.raises(LockHeld, match="run r1 left the source frozen"):
        runs.acquire(run_id, "cutover", seconds=100)

    clock.sleep(2)
    assert runs.acquire(run_id, "cutover", seconds=100).run_id == run_id


def test_a_run_that_was_decided_does_not_acquire_its_lock_again(runs: Runs) -> None:
    runs.roll_back("r1")

    with pytest.raises(LockHeld):
        runs.acquire("r1", "cutover", seconds=100)


def test_a_lock_that_another_run_has_acquired_was_not_released_by_this_one(runs: Runs) -> None:
    assert not runs.is_released("r1")
    runs.roll_back("r1")
    runs.update_facts("r1", lease_expires=0.0)
    runs.release("r1")
    assert runs.is_released("r1")

    runs.acquire("r2", "cutover", seconds=100)
    runs.release("r2")

    assert not runs.is_released("r1")
    assert runs.is_released("r2")
