"""A maintenance window, and the longest window that is accepted: a run begins no other one."""

from __future__ import annotations

import pytest
from common.clients.machines import CommandResult
from common.clock import format_iso
from common.gate import Gate

from tests.unit.procedure.gate_checks import read_evidence, require_not_frozen
from tests.unit.procedure.gated import execute_gated, give_go_when_awaited
from tests.unit.procedure.machines import FakeMachines
from tests.unit.procedure.world import World


def test_an_automatic_run_begins_its_window_with_the_maintenance_window(world: World) -> None:
    opens_at = world.clock.now() + 900
    waited: list[str] = []

    result = execute_gated(
        world,
        Gate(opens_at=opens_at, closes_at=opens_at + 3600),
        look=lambda world: waited.append(world.runs.read().waiting_for),
    )

    assert result.status == "SUCCEEDED"
    assert f"the maintenance window, which begins at {format_iso(opens_at)}" in waited
    assert format_iso(opens_at) <= read_evidence(world, "15-freeze")["began"] <= format_iso(opens_at + 5)
    assert not any("go of an operator" in text for text in waited)


def test_a_maintenance_window_that_ends_before_the_go_rolls_the_run_back(world: World) -> None:
    closes_at = world.clock.now() + 900
    result = execute_gated(world, Gate(go="manual", opens_at=closes_at - 600, closes_at=closes_at))

    require_not_frozen(world, result)
    assert f"the maintenance window ended at {format_iso(closes_at)}" in result.cause["reason"]


def test_a_maintenance_window_that_is_too_short_for_the_predicted_window_is_not_used(world: World) -> None:
    closes_at = world.clock.now() + 900

    def look(world: World) -> None:
        if world.clock.now() > closes_at - 1.5:
            give_go_when_awaited(world)

    result = execute_gated(world, Gate(go="manual", opens_at=1.0, closes_at=closes_at), look=look)

    require_not_frozen(world, result)
    assert "the maintenance window ends in" in result.cause["reason"]


@pytest.mark.parametrize(
    ("opens", "closes", "reason"),
    [(-7200, -3600, "the maintenance window ended at"), (7200, 9000, "after the deploy has given up waiting")],
)
def test_a_maintenance_window_that_cannot_be_used_ends_the_run_before_it_launches(
    world: World, opens: int, closes: int, reason: str
) -> None:
    now = world.clock.now()
    result = execute_gated(world, Gate(opens_at=now + opens, closes_at=now + closes), deadline=now + 3120)

    require_not_frozen(world, result)
    assert reason in result.cause["reason"]
    assert result.cause["phase"] == "Preflight"
    assert "launch CUTOVER" not in world.action_log


def test_a_window_that_is_predicted_to_be_too_long_is_not_begun(world: World) -> None:
    world.responses["changed-tables"] = lambda *_: CommandResult(
        ok=True, facts={"ok": True, **FakeMachines.DATA["changed-tables"], "tables": ["issue"], "other_statements": 0}
    )
    world.lag_seconds = 55.0
    result = execute_gated(world, Gate(max_window_seconds=30))

    require_not_frozen(world, result)
    assert "the window is predicted to take" in result.cause["reason"]
    assert "max_window_seconds allows 30" in result.cause["reason"]


def test_a_window_that_is_short_enough_begins_without_a_go(world: World) -> None:
    assert execute_gated(world, Gate(max_window_seconds=300)).status == "SUCCEEDED"

    facts = read_evidence(world, "15-await-go")["facts"]
    assert 0 < facts["predicted_window_seconds"] < 300
    assert facts["prediction"]["lag_seconds"] == 0.4


def test_a_window_that_cannot_be_predicted_is_not_begun(world: World) -> None:
    world.lag_seconds = None
    result = execute_gated(world, Gate(max_window_seconds=300))

    require_not_frozen(world, result)
    assert "the length of the window cannot be predicted" in result.cause["reason"]
