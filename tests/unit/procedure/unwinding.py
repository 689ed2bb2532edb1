"""Do and undo: what a run leaves in the world after each of its steps, and what is left when it is rolled back there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from common.run import Kind
from procedure import plan
from procedure.step import Step

from tests.unit.procedure.asl import FunctionError, Result
from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import boom
from tests.unit.procedure.world import World

FORWARD: dict[Kind, Sequence[Step]] = {
    "test-launch": plan.TEST_LAUNCH,
    "cutover": (*plan.BEFORE_WINDOW, *plan.WINDOW),
}
BACK: dict[Kind, Sequence[Step]] = {
    "test-launch": (*plan.TEST_LAUNCH_ROLLBACK, plan.RELEASE),
    "cutover": (*plan.CUTOVER_ROLLBACK, plan.RELEASE),
}
UNDOABLE = [
    (kind, step.name) for kind, steps in FORWARD.items() for step in steps if step.name not in ("commit", "finish")
]
"""every step of which a failure after it is rolled back"""


def standing(world: World) -> dict[str, object]:
    """What a run may leave that the next one, or a user, would meet.

    Left out, and why: the report in the queue (the next run throws stale ones away), the launch settings and the provider's state of the source server (each launch writes them), what stands by
    (it ends by itself), reloaded tables (they are the source's), files and rows on the target's live data (the next run brings them up to
    date, and compares), the evidence and the decision (they describe the run).
    """
    delta = [line.split()[0] for line in world.action_log if line.startswith(("allow-delta", "deny-delta"))]
    return {
        "source": world.source.app.name,
        "source's database": world.source.database.name,
        "mode of new instances": world.mode_value,
        "instances on the live data": sorted(one for one, mode in world.modes.items() if mode == "live"),
        "admitted": sorted({cidr for cidr, _ in world.rules}),
        "replication runs": world.task_status == "running",
        "replica": world.replica,
        "image": world.imaged,
        "delta allowed": delta[-1:] == ["allow-delta"],
        "public names": dict(world.names),
        "held by a run": world.runs.read().lock_expires > 0,
    }


@dataclass
class Unwound:
    """A run that failed when everything up to one step was done."""

    before: dict[str, object]
    after_step: dict[str, object] = field(default_factory=dict)
    before_step: dict[str, object] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    """by the step, in order"""
    undone: list[str] = field(default_factory=list)
    after: dict[str, object] = field(default_factory=dict)
    result: Result | None = None


def unwind(world: World, execute: Execute, kind: Kind, step: str, *, without: str = "") -> Unwound:
    """Do everything up to and including `step`, then fail. `without`: this step of the roll back crashes."""
    names = [one.name for one in FORWARD[kind]]
    following = names[names.index(step) + 1]
    unwound = Unwound(before=standing(world))
    entries = 0

    def watch(name: str) -> None:
        nonlocal entries
        if name == step and not unwound.before_step:
            unwound.before_step, entries = standing(world), len(world.action_log)
        if name == following:
            unwound.after_step = unwound.after_step or standing(world)
            unwound.done, entries = unwound.done or world.action_log[entries:], len(world.action_log)
            boom("it broke here")()
        if name == without:
            raise FunctionError("KeyError", "a defect")

    unwound.result = execute(kind, before=watch)
    unwound.undone, unwound.after = world.action_log[entries:], standing(world)
    return unwound


def differences(one: dict[str, object], other: dict[str, object]) -> dict[str, Any]:
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}
