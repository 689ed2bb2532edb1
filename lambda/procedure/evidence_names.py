"""The names of the evidence of the steps. They sort in the order of the procedure."""

from collections.abc import Sequence

from procedure.hook_steps import FOLLOWING, HOOKS
from procedure.plan import (
    AWAIT_GO,
    AWAIT_NAMES,
    CONCLUDE,
    CUTOVER,
    CUTOVER_ROLLBACK,
    DECIDE_ROLLBACK,
    FINISH,
    PREFLIGHT,
    RELEASE,
    TAKE_OVER,
    TEST_LAUNCH,
    TEST_LAUNCH_ROLLBACK,
    WINDOW,
)
from procedure.step import Step


def _leave_out_take_over(steps: Sequence[Step]) -> list[Step]:
    return [step for step in steps if step is not TAKE_OVER]


_ORDER: dict[str, dict[str, int]] = {
    kind: {
        step.name: number
        for number, step in reversed(
            list(enumerate(_leave_out_take_over((*forward, DECIDE_ROLLBACK, *back, RELEASE, CONCLUDE)), start=1))
        )
    }
    for kind, forward, back in (
        ("test-launch", TEST_LAUNCH, TEST_LAUNCH_ROLLBACK),
        ("cutover", CUTOVER, CUTOVER_ROLLBACK),
    )
}


_ORDER["cutover"][AWAIT_NAMES.name] = _ORDER["cutover"][FINISH.name]
_ORDER["cutover"][AWAIT_GO.name] = _ORDER["cutover"][WINDOW[0].name]
"""one number for two: `await-go` sorts before `freeze`, `await-names` sorts before `finish`, and most runs have no such step"""


def format_evidence_name(kind: str, step: str) -> str:
    """Return the name of the step's evidence, `07-await-bulk`: it sorts in the order of the procedure.

    Most runs have no hooks, so they change no other number: `14.5-hooks-before-freeze` sorts after 14 and before 15.
    `02.5-take-over` is of a later release than the numbers.
    """
    if step == TAKE_OVER.name:
        return f"{_ORDER[kind][PREFLIGHT.name]:02d}.5-{step}"
    for point, following in FOLLOWING.get(kind, {}).items():
        if step == HOOKS[point].name:
            return f"{_ORDER[kind][following] - 1:02d}.5-{step}"
    return f"{_ORDER[kind].get(step, 99):02d}-{step}"
