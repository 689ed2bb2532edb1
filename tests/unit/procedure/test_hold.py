"""The procedure of a freeze that holds writes: its options, the preparation of the forward, and the order after the commit."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from common.clients.machines import CommandResult
from common.settings import Settings
from procedure.registry import Registry

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import APP
from tests.unit.procedure.world import World


def list_sent(world: World, verb: str) -> list[dict[str, Any]]:
    return [options for _, sent, options in world.sent.values() if sent == verb]


def test_the_freeze_has_the_bounds_of_its_attempts(world: World, execute: Execute) -> None:
    assert execute("cutover").status == "SUCCEEDED"

    (options,) = list_sent(world, "freeze")
    assert {key: options[key] for key in ("attempt", "attempts", "hold", "within")} == {
        "attempt": 3,
        "attempts": 8,
        "hold": 12,
        "within": 390,
    }


def test_the_attempts_end_early_when_the_deploy_gives_up_soon(world: World, execute: Execute) -> None:
    deadline = world.clock.now() + 3000

    def late(step: str) -> None:
        if step == "freeze":
            world.clock.sleep(deadline - 100 - world.clock.now())

    execute("cutover", before=late, deadline=deadline)

    (options,) = list_sent(world, "freeze")
    assert 30 <= options["within"] <= 40  # 60 seconds are left for the rest of the window


def test_the_attempts_leave_a_third_of_the_lease(world: World, execute: Execute) -> None:
    """The lease cannot be renewed while the freeze is sent, and the record's lease tells others when the source opens."""

    class ShortLease(Registry):
        def __init__(self, settings: Settings, *rest: Any) -> None:
            super().__init__(replace(settings, limits=replace(settings.limits, freeze_lease=120)), *rest)

    execute("cutover", registry_class=ShortLease)

    (options,) = list_sent(world, "freeze")
    assert (options["lease"], options["within"]) == (120, 80)


def test_the_window_begins_with_the_last_attempt(world: World, execute: Execute) -> None:
    world.responses["freeze"] = _freeze_after(world, 100.0)

    assert execute("cutover").status == "SUCCEEDED"

    outputs = json.loads(world.files["runs/m1-cutover/outputs.json"])
    assert outputs["window_seconds"] < 30  # of which most is the time until the result is polled


def _freeze_after(world: World, seconds: float) -> Any:
    """Return the response of a freeze whose last attempt began after these seconds."""
    began: list[float] = []

    def respond(*_: Any) -> CommandResult | None:
        began.append(world.clock.now())
        if world.clock.now() - began[0] < seconds:
            return None
        return CommandResult(ok=True, facts={"ok": True, "opened_seconds": seconds})

    return respond


def test_the_source_learns_the_address_that_it_forwards_to_before_the_freeze(world: World, execute: Execute) -> None:
    execute("cutover")

    (prepared,), (forwarded,) = list_sent(world, "prepare-forward"), list_sent(world, "forward")
    assert {**prepared, "after": "admitted"} == forwarded
    assert world.action_log.index(f"prepare-forward on {APP}") < world.action_log.index(f"freeze on {APP}")


def test_a_source_that_cannot_learn_the_target_is_not_frozen(world: World, execute: Execute) -> None:
    world.responses["prepare-forward"] = failing_response("HAProxy has not taken its new configuration")

    result = execute("cutover")

    assert result.status == "FAILED"
    assert "has not taken its new configuration" in result.cause["reason"]
    assert f"freeze on {APP}" not in world.action_log


def test_held_users_are_released_before_the_names_move(world: World, execute: Execute) -> None:
    execute("cutover")

    assert world.action_log.index(f"forward on {APP}") < world.action_log.index("point git.example.com to alb")


def test_a_slow_forward_does_not_delay_the_names(world: World, execute: Execute) -> None:
    moved_at: list[bool] = []

    def slow(*_: Any) -> CommandResult | None:
        moved_at.append("point git.example.com to alb" in world.action_log)
        return None if len(moved_at) < 5 else CommandResult(ok=True, facts={"ok": True})

    world.responses["forward"] = slow

    assert execute("cutover").status == "SUCCEEDED"

    assert moved_at[0] is False
    assert all(moved_at[1:])
