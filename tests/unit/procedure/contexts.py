"""The context of one step in the world, for tests of a step without its state machine."""

from __future__ import annotations

from common.run import Run
from procedure.context import Context
from procedure.plan import ALL
from procedure.state.state import State

from tests.unit.procedure.world import SETTINGS, World


def build_context(world: World, step: str, *, run_id: str, state: State | None = None) -> Context:
    """Return the context of an invocation of a cutover, with the record as it is now."""
    run = Run.parse({"run_id": run_id, "kind": "cutover", "cutover_id": "m1", "target": {}})
    return Context(run, ALL[step], SETTINGS, world, world.clock, world.runs.read(), state or State())
