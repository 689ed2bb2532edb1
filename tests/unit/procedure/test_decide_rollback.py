"""The decision to roll back: a run that has committed goes on, and the commit of another run is not its own."""

from __future__ import annotations

import pytest
from procedure.step_functions import STEPS

from tests.unit.procedure.contexts import build_context
from tests.unit.procedure.world import World

RUN, OTHER = "m1-c-1", "m1-c-2"


@pytest.mark.parametrize(("holder", "goes_on"), [(RUN, True), (OTHER, False)])
def test_only_the_own_commit_lets_the_run_go_on_after_it(world: World, holder: str, goes_on: bool) -> None:
    world.runs.acquire(holder, "cutover", seconds=900)
    world.runs.write_freeze_lease(holder, expires=world.clock.now() + 600)
    world.runs.commit(holder, margin=20)
    context = build_context(world, "decide-rollback", run_id=RUN)

    STEPS["decide-rollback"](context)

    assert context.state.committed is goes_on
    assert world.runs.read().decision == "commit"
