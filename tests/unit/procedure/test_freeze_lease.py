"""The freeze lease: in the record before the freeze is sent, and renewed on the source before the record has more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from common.clients.machines import CommandResult
from common.errors import LeaseLost
from procedure.context import Context
from procedure.state.state import State
from procedure.steps.freeze_lease import renew_lease_if_due

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.contexts import build_context
from tests.unit.procedure.machines import APP
from tests.unit.procedure.world import SETTINGS, World

RUN = "m1-c-1"
SECONDS = SETTINGS.limits.freeze_lease
SLOW_SECONDS = 7.0


@pytest.fixture
def step(world: World) -> Callable[[], Context]:
    """Return the function that begins an invocation of a step, of a run that has just frozen the source."""
    world.runs.acquire(RUN, "cutover", seconds=10 * SECONDS)
    world.runs.write_freeze_lease(RUN, expires=world.clock.now() + SECONDS)
    world.source.do("app", "freeze", {"run": RUN, "lease": SECONDS})
    state = State()
    return lambda: build_context(world, "drain", run_id=RUN, state=state)


def list_sent(world: World) -> list[tuple[str, str]]:
    return [(instance, verb) for instance, verb, _ in world.sent.values()]


def test_the_record_has_the_lease_before_the_source_gets_the_freeze(world: World, execute: Execute) -> None:
    """Every reader of the record then knows that the source may be frozen, also when the response to the command is lost."""
    leases: list[float] = []

    def look(change: str) -> None:
        if change == f"freeze on {APP}":
            leases.append(world.runs.read().lease_expires - world.clock.now())

    world.watchers.append(look)

    assert execute("cutover").status == "SUCCEEDED"
    assert leases == [pytest.approx(SECONDS, abs=1)]


def test_a_lease_is_not_renewed_while_half_of_it_is_left(world: World, step: Callable[[], Context]) -> None:
    world.clock.sleep(SECONDS / 2)

    renew_lease_if_due(step())

    assert list_sent(world) == []


@pytest.mark.parametrize("late_seconds", [0, 1])
def test_a_run_whose_lease_has_expired_does_nothing_more(
    world: World, step: Callable[[], Context], late_seconds: float
) -> None:
    """The source may be open already. A renewal would not close it."""
    world.clock.alarms.clear()  # the source's switch is late
    world.clock.sleep(SECONDS + late_seconds)

    with pytest.raises(LeaseLost, match="the freeze lease expired"):
        renew_lease_if_due(step())

    assert list_sent(world) == []


def test_the_lease_in_the_record_never_ends_later_than_on_the_source(world: World, step: Callable[[], Context]) -> None:
    before = world.runs.read().lease_expires
    world.clock.sleep(SECONDS / 2 + 1)
    sent_at = world.clock.now()
    ended: list[bool] = []

    def renew_slowly(_instance: str, _options: Mapping[str, Any]) -> CommandResult | None:
        return CommandResult(ok=True, facts={"ok": True}) if ended else None

    world.responses["renew"] = renew_slowly

    # While the source has not renewed it, the record has the old lease
    renew_lease_if_due(step())
    assert list_sent(world) == [(APP, "renew")]
    assert world.runs.read().lease_expires == before

    # When the source has renewed it, later than the command was sent
    world.clock.sleep(SLOW_SECONDS)
    ended.append(True)
    renew_lease_if_due(step())

    # Then the lease of the record counts from the command
    assert world.runs.read().lease_expires == sent_at + SECONDS
    assert world.source.app.lease_until == sent_at + SLOW_SECONDS + SECONDS
    assert list_sent(world) == [(APP, "renew")]
