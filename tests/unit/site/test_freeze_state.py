"""Which step of the freeze may follow which, and what a dead man's switch may do."""

from __future__ import annotations

import pytest
from cutover_site.aws.run_record import Decision
from cutover_site.errors import NotConfigured, Refused
from cutover_site.freeze.dead_man import choose_action
from cutover_site.freeze.lease import render_drop_in
from cutover_site.freeze.state import FreezeState, parse_state, serialize_state

OPEN = FreezeState()
FROZEN = OPEN.freeze("r1", 100.0)


def test_freezing_again_by_the_same_run_extends_the_lease() -> None:
    assert FROZEN.freeze("r1", 200.0).lease_until == 200.0


def test_another_run_may_neither_freeze_nor_thaw() -> None:
    with pytest.raises(Refused, match="r1"):
        FROZEN.freeze("r2", 1.0)
    with pytest.raises(Refused, match="r1"):
        FROZEN.thaw("r2")


def test_thawing_what_is_open_is_harmless() -> None:
    assert OPEN.thaw("r1") == OPEN


def test_a_lease_that_is_over_cannot_be_renewed() -> None:
    with pytest.raises(Refused, match="open"):
        FROZEN.thaw("r1").renew("r1", 300.0)


def test_there_is_no_way_back_from_forward() -> None:
    moved = FROZEN.forward("r1")
    assert moved.forward("r1") == moved
    with pytest.raises(Refused, match="moved"):
        moved.thaw("r1")
    for run in ("r1", "r2"):
        with pytest.raises(Refused, match="moved"):
            moved.freeze(run, 1.0)


def test_an_open_machine_is_not_forwarded() -> None:
    with pytest.raises(Refused):
        OPEN.forward("r1")


def test_the_state_survives_the_disk() -> None:
    assert parse_state(serialize_state(FROZEN)) == FROZEN


@pytest.mark.parametrize("text", ["", "{}", '{"name": "molten", "run": "", "lease_until": 0}'])
def test_a_damaged_state_is_never_taken_for_open(text: str) -> None:
    with pytest.raises(NotConfigured):
        parse_state(text)


def test_a_lease_expires_on_time_and_only_when_there_is_one() -> None:
    assert FROZEN.is_expired(100.0)
    assert not FROZEN.is_expired(99.9)
    assert not OPEN.freeze("r1", 0.0).is_expired(1e12)


@pytest.mark.parametrize(
    ("decision", "action"),
    [("", "stay"), ("thaw", "thaw"), ("rollback", "thaw"), ("commit", "stay"), ("something new", "stay")],
)
def test_only_a_decision_against_the_move_opens_the_source(decision: str, action: str) -> None:
    assert choose_action(FROZEN, Decision("r1", decision)).action == action


def test_a_run_that_lost_the_record_was_not_committed() -> None:
    assert choose_action(FROZEN, Decision("r2", "thaw")).action == "thaw"
    assert choose_action(FROZEN, Decision("r2", "")).action == "thaw"


def test_what_cannot_be_is_left_to_a_person() -> None:
    assert choose_action(FROZEN, Decision("", "")).action == "stay"
    assert choose_action(FROZEN, Decision("r2", "commit")).action == "stay"


def test_a_machine_that_is_not_frozen_does_nothing() -> None:
    assert choose_action(OPEN, Decision("r1", "thaw")).action == "nothing"


def test_the_timer_never_fires_before_the_lease_ends() -> None:
    assert "OnCalendar=2001-09-09 01:46:41 UTC" in render_drop_in(1_000_000_000.5)
