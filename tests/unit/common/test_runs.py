"""The run record: what only one may do is done once, whoever races, and whichever response is lost."""

from __future__ import annotations

import pytest
from common.clients.run_record import PER_RUN, Attributes, Record, RunFacts
from common.clients.runs import Runs
from common.errors import LeaseLost, LockHeld, RetryableServiceError, RunAborted

from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def dynamo() -> FakeDynamo:
    return FakeDynamo()


@pytest.fixture
def runs(dynamo: FakeDynamo, clock: FakeClock) -> Runs:
    return Runs(dynamo, "runs", "gogs", clock=clock)  # type: ignore[arg-type]


def frozen(runs: Runs, clock: FakeClock, lease: float = 600) -> None:
    runs.acquire("r1", "cutover", seconds=900)
    runs.write_freeze_lease("r1", expires=clock.now() + lease)


def test_only_one_run_holds_the_lock(runs: Runs) -> None:
    runs.acquire("r1", "cutover", seconds=900)

    with pytest.raises(LockHeld, match="run r1"):
        runs.acquire("r2", "cutover", seconds=900)


def test_an_expired_lock_is_taken_over_and_its_former_owner_fails(runs: Runs, clock: FakeClock) -> None:
    runs.acquire("r1", "cutover", seconds=900)
    clock.sleep(901)

    runs.acquire("r2", "cutover", seconds=900)

    with pytest.raises(LeaseLost, match="belongs to run r2"):
        runs.renew_lock("r1", "verify", seconds=900, heed_abort=True)


def test_a_run_acquires_its_own_lock_again_after_a_lost_response(runs: Runs, dynamo: FakeDynamo) -> None:
    dynamo.lose_responses = 1
    with pytest.raises(RetryableServiceError):
        runs.acquire("r1", "cutover", seconds=900)

    assert runs.acquire("r1", "cutover", seconds=900).run_id == "r1"


def test_no_run_takes_over_the_lock_while_the_source_may_be_frozen(runs: Runs, clock: FakeClock) -> None:
    frozen(runs, clock)
    runs.roll_back("r1")
    runs.release("r1")

    with pytest.raises(LockHeld, match="left the source frozen"):
        runs.acquire("r2", "cutover", seconds=900)

    runs.update_facts("r1", lease_expires=0.0)
    assert runs.acquire("r2", "cutover", seconds=900).decision == ""


@pytest.mark.parametrize("first", ["commit", "thaw", "rollback"])
def test_only_the_first_decision_is_stored(runs: Runs, dynamo: FakeDynamo, clock: FakeClock, first: str) -> None:
    frozen(runs, clock)
    if first == "commit":
        runs.commit("r1", margin=20)
        assert runs.roll_back("r1").decision == "commit"
        return
    dynamo.items["gogs"]["decision"] = {"S": first}
    with pytest.raises(LeaseLost, match=f"commit refused: {first}"):
        runs.commit("r1", margin=20)


def test_the_commit_is_idempotent(runs: Runs, dynamo: FakeDynamo, clock: FakeClock) -> None:
    frozen(runs, clock)
    dynamo.lose_responses = 1
    with pytest.raises(RetryableServiceError):
        runs.commit("r1", margin=20)

    runs.commit("r1", margin=20)

    assert runs.read().committed


def test_the_commit_of_another_run_is_refused(runs: Runs, clock: FakeClock) -> None:
    frozen(runs, clock)

    with pytest.raises(LeaseLost):
        runs.commit("r2", margin=20)


@pytest.mark.parametrize(("left", "allowed"), [(20, True), (19, False)])
def test_the_commit_requires_a_margin_of_the_lease(runs: Runs, clock: FakeClock, left: int, allowed: bool) -> None:
    frozen(runs, clock, lease=left)

    if allowed:
        runs.commit("r1", margin=20)
    else:
        with pytest.raises(LeaseLost, match="20 s must be left"):
            runs.commit("r1", margin=20)


def test_an_abort_request_is_accepted_until_the_decision(runs: Runs, clock: FakeClock) -> None:
    frozen(runs, clock)
    assert runs.request_abort("r1", "stack deleted")

    with pytest.raises(RunAborted, match="stack deleted"):
        runs.renew_lock("r1", "drain", seconds=900, heed_abort=True)
    with pytest.raises(LeaseLost, match="commit refused: stack deleted"):
        runs.commit("r1", margin=20)
    assert runs.renew_lock("r1", "rollback-source", seconds=900, heed_abort=False).abort


def test_an_abort_request_after_the_commit_is_refused(runs: Runs, clock: FakeClock) -> None:
    frozen(runs, clock)
    runs.commit("r1", margin=20)

    assert not runs.request_abort("r1", "stack deleted")


def test_the_first_report_of_the_expected_launch_is_kept(runs: Runs, clock: FakeClock) -> None:
    runs.acquire("r1", "test-launch", seconds=900)
    runs.update_facts("r1", expected_report="TEST", expected_report_until=clock.now() + 60)

    assert runs.accept_report("r1", "TEST", "i-1", {"outcome": "fail"}) == {"outcome": "fail"}
    assert runs.accept_report("r1", "TEST", "i-1", {"outcome": "pass"}) == {"outcome": "fail"}
    assert runs.accept_report("r1", "TEST", "i-2", {"outcome": "pass"}) is None
    assert runs.accept_report("r1", "CUTOVER", "i-1", {"outcome": "pass"}) is None


def test_a_late_report_is_refused(runs: Runs, clock: FakeClock) -> None:
    runs.acquire("r1", "test-launch", seconds=900)
    runs.update_facts("r1", expected_report="TEST", expected_report_until=clock.now() + 60)
    clock.sleep(61)

    assert runs.accept_report("r1", "TEST", "i-1", {"outcome": "pass"}) is None


def test_a_new_run_starts_with_an_empty_record(runs: Runs, clock: FakeClock) -> None:
    runs.acquire("r1", "test-launch", seconds=900)
    runs.update_facts("r1", expected_report="TEST", expected_report_until=clock.now() + 60, source_server_id="m-1")
    runs.accept_report("r1", "TEST", "i-1", {"outcome": "fail"})
    runs.roll_back("r1")
    runs.release("r1")

    record = runs.acquire("r2", "cutover", seconds=900)

    assert record == Record(
        run_id="r2", kind="cutover", phase="lock", started=clock.now(), lock_expires=clock.now() + 900
    )


def test_every_written_attribute_is_read_back() -> None:
    names = set(Record.__dataclass_fields__)
    assert set(Attributes.__annotations__) == names
    assert set(RunFacts.__annotations__) <= set(PER_RUN) < names


def test_an_object_is_stored_as_json(runs: Runs, dynamo: FakeDynamo) -> None:
    runs.acquire("r1", "cutover", seconds=900)

    record = runs.update_facts("r1", received={"outcome": "pass", "reason": "für"})

    assert record.received == {"outcome": "pass", "reason": "für"}
    assert dynamo.items["gogs"]["received"] == {"S": '{"outcome": "pass", "reason": "für"}'}
