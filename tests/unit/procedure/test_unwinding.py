"""Every step before the commit, by the plan: done, undone, done again. Its declaration of what undoes it is true."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest
from common.run import Kind
from procedure import plan

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.resuming import ResumingRegistry
from tests.unit.procedure.safety import left_undone, not_finished
from tests.unit.procedure.unwinding import BACK, FORWARD, UNDOABLE, differences, unwind
from tests.unit.procedure.world import World

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

DECLARED = [
    (kind, step, undo)
    for kind, step in UNDOABLE
    for undo in plan.ALL[step].undone_by or ()
    if undo in {back.name for back in BACK[kind]}
]


@pytest.mark.parametrize(("kind", "step"), UNDOABLE)
def test_every_step_declares_its_undo(kind: Kind, step: str) -> None:
    undone_by = plan.ALL[step].undone_by
    assert undone_by is not None, f"{step} of the {kind} declares nothing: write () if it leaves nothing behind"
    assert set(undone_by) <= {back.name for backs in BACK.values() for back in backs}


@pytest.mark.parametrize(("kind", "step"), UNDOABLE)
def test_a_step_can_be_done_undone_and_done_again(world: World, execute: Execute, kind: Kind, step: str) -> None:
    # When a run fails after the step
    unwound = unwind(world, execute, kind, step)

    # Then the world is as it was before
    assert unwound.result is not None
    assert (unwound.result.status, unwound.result.cause["reason"]) == ("FAILED", "it broke here")
    assert "warnings" not in unwound.result.cause
    assert differences(unwound.before, unwound.after) == {}
    assert left_undone(world) == []
    assert world.source.accepts_writes

    # And the next run comes to its end
    assert execute(kind, run_id=f"m2-{kind}").status == "SUCCEEDED"
    assert kind == "test-launch" or not_finished(world) == []


@pytest.mark.parametrize(("kind", "step", "undo"), DECLARED)
def test_the_effect_of_a_step_remains_until_its_undo_has_run(
    world: World, execute: Execute, kind: Kind, step: str, undo: str
) -> None:
    unwound = unwind(world, execute, kind, step, without=undo)
    assert differences(unwound.before, unwound.after) != {}


@pytest.mark.parametrize(("kind", "step"), [one for one in UNDOABLE if plan.ALL[one[1]].undone_by == ()])
def test_a_step_without_an_undo_has_no_lasting_effect(world: World, execute: Execute, kind: Kind, step: str) -> None:
    unwound = unwind(world, execute, kind, step)
    new = differences(unwound.before_step, unwound.after_step)
    assert {name for name in new if unwound.after_step[name] != unwound.before[name]} == set()


def test_the_commit_and_later_steps_have_no_undo() -> None:
    assert [step.name for step in (plan.WINDOW[-1], *plan.AFTER_COMMIT) if step.undone_by is not None] == []


@pytest.mark.parametrize("kind", FORWARD)
def test_the_rollback_from_each_step(
    kind: Kind, execute_in: Callable[[World], Execute], snapshot: SnapshotAssertion
) -> None:
    """Read in a review: what each step does, and what is undone when the run fails after it. Accept a change with `make snapshots`."""
    assert describe_rollbacks(kind, execute_in) == snapshot


def test_the_rollback_from_each_step_of_a_run_that_keeps_its_replica(
    execute_in: Callable[[World], Execute], snapshot: SnapshotAssertion
) -> None:
    """The same with `resume_minutes`: a kept replica is not removed, everything else is undone as without."""
    resuming = lambda world: partial(execute_in(world), registry_class=ResumingRegistry)  # noqa: E731
    assert describe_rollbacks("cutover", resuming) == snapshot


def describe_rollbacks(kind: Kind, execute_in: Callable[[World], Execute]) -> str:
    """Return for each step what it does, and what is undone when the run fails after it."""
    lines = []
    for step in [step for of, step in UNDOABLE if of == kind]:
        world = World()
        unwound = unwind(world, execute_in(world), kind, step)
        suspension = world.runs.read().suspension
        lines += [
            step,
            *(f"  done    {line}" for line in unwound.done),
            *(f"  undone  {line}" for line in unwound.undone),
            *([f"  kept    {suspension.checkpoint.describe()}"] if suspension else []),
        ]
    return "\n".join(lines)
