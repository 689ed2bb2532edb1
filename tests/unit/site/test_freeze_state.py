"""The transitions of the freeze state, and the actions of the dead man's switch."""

from __future__ import annotations

from pathlib import Path

import pytest
from cutover_site.aws.run_record import Decision
from cutover_site.errors import NotConfigured, Refused
from cutover_site.freeze.dead_man import choose_action
from cutover_site.freeze.lease import render_drop_in
from cutover_site.freeze.state import FreezeState, parse_state, serialize_state
from cutover_site.freeze.store import FreezeStore

OPEN = FreezeState()
FROZEN = OPEN.freeze("r1", 100.0)


def test_a_repeated_freeze_by_the_same_run_extends_the_lease() -> None:
    assert FROZEN.freeze("r1", 200.0).lease_until == 200.0


def test_another_run_may_neither_freeze_nor_thaw() -> None:
    with pytest.raises(Refused, match="r1"):
        FROZEN.freeze("r2", 1.0)
    with pytest.raises(Refused, match="r1"):
        FROZEN.thaw("r2")


def test_a_thaw_of_an_open_machine_changes_nothing() -> None:
    assert OPEN.thaw("r1") == OPEN


def test_a_lease_cannot_be_renewed_after_the_thaw() -> None:
    with pytest.raises(Refused, match="open"):
        FROZEN.thaw("r1").renew("r1", 300.0)


def test_a_forwarding_machine_can_neither_thaw_nor_freeze() -> None:
    moved = FROZEN.forward("r1")
    assert moved.forward("r1") == moved
    with pytest.raises(Refused, match="moved"):
        moved.thaw("r1")
    for run in ("r1", "r2"):
        with pytest.raises(Refused, match="moved"):
            moved.freeze(run, 1.0)


@pytest.mark.parametrize(("state", "run"), [(OPEN, ""), (OPEN, "r1"), (FROZEN, "r2"), (FROZEN.forward("r1"), "r2")])
def test_only_the_run_that_froze_the_machine_can_forward_it(state: FreezeState, run: str) -> None:
    with pytest.raises(Refused, match="only the run that froze"):
        state.forward(run)


@pytest.mark.parametrize(
    ("state", "run"),
    [(OPEN, ""), (OPEN, "r1"), (FROZEN, "r2"), (FROZEN.thaw("r1"), "r1"), (FROZEN.forward("r1"), "r1")],
)
def test_a_freeze_that_is_not_in_force_proves_nothing(state: FreezeState, run: str) -> None:
    with pytest.raises(Refused, match="does not hold a freeze"):
        state.require_frozen_by(run)
    with pytest.raises(Refused, match="does not hold a freeze"):
        state.renew(run, 300.0)


def test_a_freeze_in_force_is_that_of_its_run() -> None:
    FROZEN.require_frozen_by("r1")
    assert FROZEN.renew("r1", 300.0) == FreezeState("frozen", "r1", 300.0)


def test_a_damaged_state_counts_as_frozen(tmp_path: Path) -> None:
    file = tmp_path / "freeze.json"
    assert not FreezeStore(file).is_frozen()
    file.write_text("{")
    assert FreezeStore(file).is_frozen()


def test_the_state_is_stored_and_loaded_without_a_change() -> None:
    assert parse_state(serialize_state(FROZEN)) == FROZEN


@pytest.mark.parametrize("text", ["", "{}", '{"name": "molten", "run": "", "lease_until": 0}'])
def test_a_damaged_state_is_an_error(text: str) -> None:
    with pytest.raises(NotConfigured):
        parse_state(text)


def test_a_lease_expires_at_its_time_and_never_without_one() -> None:
    assert FROZEN.is_expired(100.0)
    assert not FROZEN.is_expired(99.9)
    assert not OPEN.freeze("r1", 0.0).is_expired(1e12)


@pytest.mark.parametrize(
    ("decision", "action"),
    [("", "stay"), ("thaw", "thaw"), ("rollback", "thaw"), ("commit", "stay"), ("something new", "stay")],
)
def test_only_a_decision_against_the_migration_thaws_the_source(decision: str, action: str) -> None:
    assert choose_action(FROZEN, Decision("r1", decision)).action == action


def test_a_record_of_another_run_thaws_the_source() -> None:
    assert choose_action(FROZEN, Decision("r2", "thaw")).action == "thaw"
    assert choose_action(FROZEN, Decision("r2", "")).action == "thaw"


def test_an_impossible_record_changes_nothing() -> None:
    assert choose_action(FROZEN, Decision("", "")).action == "stay"
    assert choose_action(FROZEN, Decision("r2", "commit")).action == "stay"


def test_an_open_machine_needs_no_action() -> None:
    assert choose_action(OPEN, Decision("r1", "thaw")).action == "nothing"


def test_the_timer_never_fires_before_the_end_of_the_lease() -> None:
    assert "OnCalendar=2001-09-09 01:46:41 UTC" in render_drop_in(1_000_000_000.5)
