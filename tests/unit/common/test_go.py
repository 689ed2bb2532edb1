"""The go, the hold, the request to stop and the begin of the window, in every order: each is one conditional write of the run record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product

import pytest
from common.clients.runs import Runs

from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo

RUN, WHO = "r1", "arn:aws:iam::111122223333:user/alice"
Call = Callable[[Runs], object]
CALLS: Mapping[str, Call] = {
    "ready": lambda runs: runs.request_go(RUN),
    "go": lambda runs: runs.give_go(RUN, by=WHO),
    "hold": lambda runs: runs.hold(RUN, by=WHO),
    "rollback": lambda runs: runs.request_abort(RUN, "stopped by the operator"),
    "begin": lambda runs: runs.begin_window(RUN, needs_go=True),
}
LONGEST = 6


def create_runs() -> Runs:
    runs = Runs(FakeDynamo(), "runs", "gogs", clock=FakeClock())  # type: ignore[arg-type]
    runs.acquire(RUN, "cutover", seconds=900)
    return runs


@pytest.fixture
def runs() -> Runs:
    return create_runs()


def iterate_orders() -> Iterator[tuple[str, ...]]:
    yield from product(CALLS, repeat=LONGEST)


def test_a_window_begins_exactly_when_the_last_word_was_go_and_nobody_stopped_the_run() -> None:
    """Given each order of six calls, Then `begin` succeeds only after a go that was neither taken back nor followed by a request to stop."""
    begun = 0
    for order in iterate_orders():
        runs, state, stopped = create_runs(), "", False
        for name in order:
            expected = {
                "ready": state or ("" if stopped else "awaited"),
                "go": "given" if state == "awaited" and not stopped else state,
                "hold": "awaited" if state == "given" else state,
                "rollback": state,
                "begin": "begun" if state in ("given", "begun") and not stopped else state,
            }[name]
            accepted = CALLS[name](runs)
            stopped = stopped or name == "rollback"
            if name in ("go", "hold"):
                assert bool(accepted) == (expected != state), (order, name)
            if name == "begin":
                assert bool(accepted) == (state in ("given", "begun") and not stopped), order
                begun += bool(accepted)
            state = expected
            assert runs.read().go_state == state, (order, name)
    assert begun > 100


def test_the_record_names_who_gave_the_go_and_when(runs: Runs) -> None:
    runs.request_go(RUN)
    assert runs.give_go(RUN, by=WHO)

    record = runs.read()
    assert (record.go_state, record.go_by) == ("given", WHO)
    assert record.go_at > 0


def test_a_run_without_a_manual_go_begins_its_window_unless_it_must_stop(runs: Runs) -> None:
    assert runs.begin_window(RUN, needs_go=False)
    assert runs.begin_window(RUN, needs_go=False), "harmless to repeat"

    stopped = create_runs()
    stopped.request_abort(RUN, "stopped by the operator")
    assert not stopped.begin_window(RUN, needs_go=False)


@pytest.mark.parametrize("name", ["go", "hold", "begin"])
def test_nothing_is_accepted_for_a_run_that_is_over_or_of_another(name: str) -> None:
    over = create_runs()
    over.request_go(RUN)
    if name != "go":
        over.give_go(RUN, by=WHO)
    over.roll_back(RUN)
    assert not CALLS[name](over)

    other = create_runs()
    other.request_go(RUN)
    other.release(RUN)
    other.acquire("r2", "cutover", seconds=900)
    assert not CALLS[name](other)
    assert other.read().go_state == ""


def test_a_go_changes_only_its_own_attributes() -> None:
    dynamo = FakeDynamo()
    runs = Runs(dynamo, "runs", "gogs", clock=FakeClock())  # type: ignore[arg-type]
    runs.acquire(RUN, "cutover", seconds=900)
    runs.request_go(RUN)
    before = dict(dynamo.items["gogs"])
    runs.give_go(RUN, by=WHO)

    changed = {key for key, value in dynamo.items["gogs"].items() if before.get(key) != value}
    assert changed == {"go_state", "go_by", "go_at"}
