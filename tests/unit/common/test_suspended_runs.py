"""The writes of the run record about a kept replica: only the run that owns it keeps it, and only one run or one removal gets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from common.clients.runs import Runs
from common.clients.suspended_runs import REMOVAL_SECONDS
from common.errors import RetryableServiceError
from common.suspension import Checkpoint, Suspension

from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo

CHECKPOINT = Checkpoint(
    launched_by="r1", cutover_id="m1", fingerprint="f", source_server_id="s-1", job_id="j-1", instance_id="i-1"
)
LOCK_SECONDS = 900


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def runs(clock: FakeClock) -> Runs:
    """The record of run r1, which has launched a replica."""
    made = Runs(FakeDynamo(), "runs", "gogs", clock=clock)  # type: ignore[arg-type]
    made.acquire("r1", "cutover", seconds=LOCK_SECONDS)
    made.update_facts("r1", expected_report="CUTOVER", expected_report_until=clock.now() + LOCK_SECONDS)
    assert made.save_checkpoint("r1", CHECKPOINT)
    return made


@pytest.fixture
def suspension(clock: FakeClock) -> Suspension:
    return Suspension(run_id="r1", phase="Verify", since=clock.now(), until=clock.now() + 3600, checkpoint=CHECKPOINT)


@pytest.fixture
def suspended(runs: Runs, suspension: Suspension) -> Runs:
    """The record after r1 has kept its replica and released the lock."""
    runs.roll_back("r1")
    assert runs.suspend("r1", suspension)
    runs.release("r1")
    return runs


def freeze(runs: Runs) -> None:
    runs.write_freeze_lease("r1", expires=1.0)


def test_a_run_keeps_its_replica_after_its_roll_back(suspended: Runs, suspension: Suspension) -> None:
    record = suspended.read()
    assert (record.suspension, record.finished, record.expected_report) == (suspension, None, "")


@pytest.mark.parametrize(
    "before",
    [
        pytest.param([], id="not rolled back"),
        pytest.param(
            [lambda runs: runs.request_abort("r1", "deleted"), lambda runs: runs.roll_back("r1")], id="stopped"
        ),
        pytest.param([freeze, lambda runs: runs.roll_back("r1")], id="has sent a freeze"),
        pytest.param(
            [lambda runs: runs.update_facts("r1", expected_report=""), lambda runs: runs.roll_back("r1")], id="removed"
        ),
        pytest.param([lambda runs: runs.roll_back("r1"), lambda runs: runs.release("r1")], id="released"),
    ],
)
def test_a_run_that_may_not_keep_its_replica_does_not(
    runs: Runs, suspension: Suspension, before: list[Callable[[Runs], Any]]
) -> None:
    for change in before:
        change(runs)

    assert not runs.suspend("r1", suspension)
    assert runs.read().suspended is None


def test_a_run_without_a_checkpoint_keeps_nothing(clock: FakeClock, suspension: Suspension) -> None:
    runs = Runs(FakeDynamo(), "runs", "gogs", clock=clock)  # type: ignore[arg-type]
    runs.acquire("r1", "cutover", seconds=LOCK_SECONDS)
    runs.update_facts("r1", expected_report="CUTOVER")
    runs.roll_back("r1")

    assert not runs.suspend("r1", suspension)


def test_no_checkpoint_is_saved_after_a_freeze(runs: Runs) -> None:
    freeze(runs)

    assert not runs.save_checkpoint("r1", CHECKPOINT)


def test_the_next_run_takes_the_replica_over(suspended: Runs, suspension: Suspension) -> None:
    suspended.acquire("r2", "cutover", seconds=LOCK_SECONDS)

    assert suspended.take_over("r2", suspension, replace(CHECKPOINT, taken_over_from="r1"))

    record = suspended.read()
    assert (record.suspended, record.expected_report) == (None, "CUTOVER")
    assert record.finished is not None
    assert record.finished.taken_over_from == "r1"


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(lambda runs, _suspension: runs.roll_back("r2"), id="decided"),
        pytest.param(lambda runs, _suspension: runs.release("r2"), id="released"),
        pytest.param(lambda runs, suspension: runs.end_suspension(suspension), id="changed"),
        pytest.param(lambda runs, suspension: runs.forget_suspended("r2", suspension), id="removed"),
    ],
)
def test_a_replica_that_may_not_be_taken_over_stays_as_it_is(
    suspended: Runs, suspension: Suspension, clock: FakeClock, before: Callable[[Runs, Suspension], Any]
) -> None:
    suspended.acquire("r2", "cutover", seconds=LOCK_SECONDS)
    clock.sleep(1)
    before(suspended, suspension)

    assert not suspended.take_over("r2", suspension, CHECKPOINT)
    assert not suspended.read().finished


def test_a_run_does_not_forget_a_suspension_that_was_changed(
    suspended: Runs, suspension: Suspension, clock: FakeClock
) -> None:
    suspended.acquire("r2", "cutover", seconds=LOCK_SECONDS)
    clock.sleep(1)
    assert suspended.end_suspension(suspension)

    suspended.forget_suspended("r2", suspension)

    assert suspended.read().suspended


def test_the_end_of_a_suspension_never_prolongs_it(suspended: Runs, suspension: Suspension, clock: FakeClock) -> None:
    clock.sleep(7200)

    assert suspended.end_suspension(suspension)

    kept = suspended.read().suspension
    assert kept is not None
    assert kept.until == suspension.until


def test_one_removal_is_claimed_at_a_time_and_no_run_begins_meanwhile(
    suspended: Runs, suspension: Suspension, clock: FakeClock
) -> None:
    assert suspended.claim_removal(suspension)
    assert not suspended.claim_removal(suspension)

    clock.sleep(REMOVAL_SECONDS + 1)
    assert suspended.claim_removal(suspension)
    suspended.end_removal(suspension, is_gone=False)
    assert suspended.claim_removal(suspension)
    suspended.end_removal(suspension, is_gone=True)

    assert suspended.read().suspended is None
    assert not suspended.claim_removal(suspension)


def test_a_removal_is_not_claimed_while_a_run_holds_the_site(
    suspended: Runs, suspension: Suspension, clock: FakeClock
) -> None:
    suspended.acquire("r2", "cutover", seconds=LOCK_SECONDS)
    assert not suspended.claim_removal(suspension)

    clock.sleep(LOCK_SECONDS + 1)
    assert suspended.claim_removal(suspension)


def test_the_end_of_a_removal_leaves_another_suspension(
    suspended: Runs, suspension: Suspension, clock: FakeClock
) -> None:
    assert suspended.claim_removal(suspension)
    clock.sleep(1)
    assert suspended.end_suspension(suspension)

    suspended.end_removal(suspension, is_gone=True)

    assert suspended.read().suspended


def test_a_removal_that_took_too_long_does_not_end_the_claim_of_another_one(
    suspended: Runs, suspension: Suspension, clock: FakeClock
) -> None:
    """Otherwise a run could begin while the other one still removes."""
    first = suspended.claim_removal(suspension)
    clock.sleep(REMOVAL_SECONDS + 1)
    second = suspended.claim_removal(suspension)

    suspended.end_removal(suspension, claim=first, is_gone=False)

    assert suspended.read().removal_until == second
    with pytest.raises(RetryableServiceError):
        suspended.acquire("r2", "cutover", seconds=LOCK_SECONDS)
