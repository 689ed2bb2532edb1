"""A cutover with a gate before its window: the deployed definition, and settings with the table [cutover]."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from common.gate import Gate
from common.settings import Settings
from procedure.registry import Registry

from tests.unit.procedure.asl import Result
from tests.unit.procedure.conftest import build_definitions, run_machine
from tests.unit.procedure.world import World

WHO = "arn:aws:sts::111122223333:assumed-role/Operators/alice"
MANUAL = Gate(go="manual")
Look = Callable[[World], None]


@cache
def build_gated_definitions() -> dict[str, Any]:
    return build_definitions(has_gate=True)


def execute_gated(world: World, gate: Gate, *, look: Look | None = None, limit: int = 1800, **options: Any) -> Result:
    """Run a cutover with this gate. `look` is called with each wait of the world's clock while the step await-go is active."""

    class GatedRegistry(Registry):
        def __init__(self, settings: Settings, *rest: Any) -> None:
            limits = replace(settings.limits, go=limit)
            super().__init__(replace(settings, gate=gate, limits=limits), *rest)

    sleep = world.clock.sleep

    def watched_sleep(seconds: float) -> None:
        sleep(seconds)
        if look is not None and world.runs.read().phase == "await-go":
            look(world)

    world.clock.sleep = watched_sleep  # type: ignore[method-assign]
    return run_machine(world, build_gated_definitions(), "cutover", registry_class=GatedRegistry, **options)


def give_go_when_awaited(world: World) -> None:
    """What an operator does who waits for the run to be ready."""
    record = world.runs.read()
    if record.go_state == "awaited":
        assert world.runs.give_go(record.run_id, by=WHO)
