"""A scenario accepts no failed operation of a client, but for what the fault or the end of the hold explains."""

from __future__ import annotations

from typing import Any

import pytest
from common.clock import format_iso

from rehearsal.client.ledger import Operation
from rehearsal.client.refusals import CUT, RETRY_LATER, SITE_ERROR, SSH_REFUSED
from tests.rehearsal.scenarios.client_errors import HOLD_SECONDS, find_problems
from tests.rehearsal.scenarios.scenario import Scenario

HELD_UNTIL = 112
ANY = Scenario(expected_end="either")


def make_freeze(*, began: float = HELD_UNTIL - HOLD_SECONDS - 2, held_until: float = HELD_UNTIL) -> dict[str, Any]:
    """Return the record of a completed freeze."""
    return {"step": "freeze", "outcome": "done", "began": format_iso(began), "facts": {"held_until": held_until}}


FREEZE = make_freeze()


BEFORE = Operation(sent=50, answered=51, kind="issue", writes=True, acknowledged=True)
"""The client writes before the freeze too."""


def make_operation(*, answered: float = HELD_UNTIL, **changed: Any) -> Operation:
    values = {"kind": "issue", "writes": True, "refusal": RETRY_LATER, "reason": "503", **changed}
    return Operation(sent=answered - 10, answered=answered, **values)


@pytest.mark.parametrize("refusal", [RETRY_LATER, SSH_REFUSED])
def test_a_write_may_be_refused_clearly_after_the_hold(refusal: str) -> None:
    assert find_problems(ANY, [BEFORE, make_operation(refusal=refusal)], [FREEZE]) == []


def test_a_write_may_be_refused_after_its_own_bound_which_a_repeated_freeze_does_not_move() -> None:
    held = make_operation(answered=HELD_UNTIL - 5)
    held.sent = HELD_UNTIL - 5 - HOLD_SECONDS

    assert find_problems(ANY, [BEFORE, held], [FREEZE]) == []
    assert len(find_problems(ANY, [BEFORE, held], [])) == 1


@pytest.mark.parametrize(
    "operation",
    [
        make_operation(answered=HELD_UNTIL - 1),
        make_operation(refusal=CUT),
        make_operation(kind="page", writes=False),
    ],
    ids=["before the end of the hold", "cut", "a read"],
)
def test_every_other_failure_is_a_problem(operation: Operation) -> None:
    (problem,) = find_problems(ANY, [BEFORE, operation, operation], [FREEZE])

    assert problem == f"2 of {operation.kind} failed, the first at {operation.sent:.3f}: 503"


def test_a_refusal_without_a_completed_freeze_is_a_problem() -> None:
    unfinished = {"step": "freeze", "outcome": "failed", "facts": {}}

    assert len(find_problems(ANY, [BEFORE, make_operation()], [unfinished])) == 1


def test_the_hold_of_a_later_run_does_not_concern_a_refusal_before_it() -> None:
    later = make_freeze(began=HELD_UNTIL + 100, held_until=HELD_UNTIL + 114)
    refused = make_operation(answered=HELD_UNTIL + 50)

    assert find_problems(ANY, [BEFORE, refused], [later, FREEZE]) == []
    assert len(find_problems(ANY, [BEFORE, make_operation(answered=HELD_UNTIL + 105)], [later, FREEZE])) == 1


def test_the_hold_of_a_run_before_the_scenario_concerns_none_of_its_operations() -> None:
    late = Operation(sent=HELD_UNTIL + 10, answered=HELD_UNTIL + 11, kind="issue", writes=True, refusal=RETRY_LATER)

    assert len(find_problems(ANY, [late], [FREEZE])) == 1


def test_what_was_acknowledged_and_errors_of_the_site_itself_are_no_problem() -> None:
    fine = [make_operation(acknowledged=True), make_operation(refusal=SITE_ERROR, answered=1)]

    assert find_problems(ANY, [BEFORE, *fine], [FREEZE]) == []


def test_a_fault_that_hits_what_serves_clients_explains_every_failure() -> None:
    hit = Scenario(expected_end="either", client_errors="the proxy loses power")

    assert find_problems(hit, [BEFORE, make_operation(refusal=CUT)], []) == []
