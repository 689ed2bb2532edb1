"""The places of the hooks in the procedure: the step that runs the hooks of a point, and the step before which it comes."""

from collections.abc import Collection, Mapping, Sequence

from common.hooks import POINTS, HookPoint
from common.run import Kind

from procedure.step import Step, create_final_step, create_window_step


def _create_hook_step(point: HookPoint) -> Step:
    phase = f"Hooks {point.name.replace('-', ' ')}"
    if not point.can_fail_run:
        return create_final_step(point.step, phase, "hooks")
    if point.is_in_window:
        return create_window_step(point.step, phase, "hooks", undone_by=())
    return Step(name=point.step, phase=phase, limit="hooks", max_inline_wait_seconds=10.0, undone_by=())


HOOKS: Mapping[str, Step] = {point.name: _create_hook_step(point) for point in POINTS.values()}
"""by point: the step that runs its hooks. A state machine has it only if the point has a hook"""
FOLLOWING: Mapping[str, Mapping[str, str]] = {
    "test-launch": {"before-test": "prepare-launch", "on-rollback": "rollback-replica"},
    "cutover": {
        "after-acceptance": "mark-ready-for-cutover",
        "before-freeze": "freeze",
        "after-freeze": "drain",
        "before-commit": "commit",
        "after-commit": "tidy",
        # The source serves by then (`rollback-source`), and the removal of the replica may take minutes.
        "on-rollback": "collect-logs",
    },
}
"""by kind of run and point: the step before which the hooks run"""


def add_hook_steps(kind: Kind, steps: Sequence[Step], points: Collection[str]) -> tuple[Step, ...]:
    """Return the steps with those of the hooks at these points of the run. A point whose place is not among the steps is left out."""
    before = {following: HOOKS[point] for point, following in FOLLOWING[kind].items() if point in points}
    return tuple(one for step in steps for one in ([before[step.name]] if step.name in before else []) + [step])
