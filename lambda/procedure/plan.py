"""The order of the procedure, as data. The state machines are built from it and the evidence is numbered by it.

Verify first, freeze last: steps whose time grows with the size of the site come before `freeze`. The window grows only with what changed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from common.hooks import POINTS, HookPoint
from common.run import Kind


class Retry(StrEnum):
    """The policy by which the state machine repeats a step that raised a retryable error."""

    NORMAL = "normal"
    FAST = "fast"
    """for the window, in which the source is frozen"""
    PERSISTENT = "persistent"
    """for steps after the commit, and for the roll back"""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One unit of the procedure."""

    name: str
    phase: str
    """in messages: `Freeze on i-…: …`"""
    limit: str
    """field of common.settings.Limits that bounds the step, all its polls together"""
    poll_interval_seconds: int = 5
    """time that the state machine waits between two invocations; 0 for a step that one invocation completes"""
    waits_for_provider_events: bool = False
    """an invocation waits for an event of the provider, if the provider sends any: the state machine then invokes it again almost at once"""
    max_inline_wait_seconds: float = 0.0
    """time for which one invocation may poll by itself before it returns that the step is not done"""
    max_inline_interval_seconds: float = 2.0
    """the longest interval between two such polls"""
    retry: Retry = Retry.NORMAL
    abortable: bool = True
    undone_by: tuple[str, ...] | None = None
    """before the commit: the roll back steps that reverse what the step leaves, () for a step that leaves nothing.

    None for steps without an undo. tests/unit/procedure/test_unwinding.py checks every declaration.
    """


def _create_window_step(name: str, phase: str, limit: str, *, undone_by: tuple[str, ...]) -> Step:
    return Step(
        name=name,
        phase=phase,
        limit=limit,
        poll_interval_seconds=1,
        max_inline_wait_seconds=20.0,
        max_inline_interval_seconds=0.1,
        retry=Retry.FAST,
        undone_by=undone_by,
    )


def _create_final_step(
    name: str,
    phase: str,
    limit: str = "command",
    *,
    poll_interval_seconds: int = 2,
    waits_for_provider_events: bool = False,
) -> Step:
    return Step(
        name=name,
        phase=phase,
        limit=limit,
        poll_interval_seconds=poll_interval_seconds,
        waits_for_provider_events=waits_for_provider_events,
        max_inline_wait_seconds=10.0,
        max_inline_interval_seconds=0.2,
        retry=Retry.PERSISTENT,
        abortable=False,
    )


LOCK = Step(
    name="lock", phase="Lock", limit="command", poll_interval_seconds=0, abortable=False, undone_by=("release",)
)
PREFLIGHT = Step(
    name="preflight",
    phase="Preflight",
    limit="replication_wait",
    poll_interval_seconds=5,
    max_inline_wait_seconds=3.0,
    undone_by=(),
)
TAKE_OVER = Step(
    name="take-over",
    phase="Take over",
    limit="cleanup",
    poll_interval_seconds=3,
    max_inline_wait_seconds=10.0,
    undone_by=(),
)
"""Makes the replica of a suspended run that of this run, or removes it. After the preflight, and before anything changes at the provider.

Without a suspended run it leaves nothing. A replica that was taken over is then this run's, as if the step `launch` had launched it.
"""
LAUNCHING = (
    Step(name="prepare-launch", phase="Prepare launch", limit="command", poll_interval_seconds=0, undone_by=()),
    Step(
        name="launch",
        phase="Launch",
        limit="command",
        poll_interval_seconds=0,
        undone_by=("rollback-replica", "rollback-image"),
    ),
    Step(
        name="await-job",
        phase="Launch",
        limit="launch",
        poll_interval_seconds=5,
        waits_for_provider_events=True,
        max_inline_wait_seconds=4.0,
        undone_by=(),
    ),
)
CLEAN_UP = _create_final_step("clean-up", "Clean up", "cleanup", waits_for_provider_events=True)
FINISH = _create_final_step("finish", "Finish", poll_interval_seconds=0)

TEST_LAUNCH = (
    LOCK,
    PREFLIGHT,
    TAKE_OVER,
    *LAUNCHING,
    Step(name="await-report", phase="Acceptance", limit="report", poll_interval_seconds=1, undone_by=()),
    Step(
        name="await-image",
        phase="Image",
        limit="image",
        poll_interval_seconds=5,
        max_inline_wait_seconds=5.0,
        undone_by=(),
    ),
    Step(
        name="clean-up-test",
        phase="Clean up",
        limit="cleanup",
        poll_interval_seconds=3,
        waits_for_provider_events=True,
        max_inline_wait_seconds=5.0,
        undone_by=(),
    ),
    FINISH,
)
BEFORE_WINDOW = (
    LOCK,
    PREFLIGHT,
    TAKE_OVER,
    Step(
        name="accept-scratch",
        phase="Accept target on scratch copy",
        limit="accept",
        poll_interval_seconds=3,
        max_inline_wait_seconds=10.0,
        undone_by=("rollback-admission",),
    ),
    # Before the window: a provider that refuses a CUTOVER launch in another state refuses it here, while the source serves.
    Step(
        name="mark-ready-for-cutover",
        phase="Ready for cutover",
        limit="command",
        poll_interval_seconds=0,
        undone_by=(),
    ),
    *LAUNCHING,
    Step(name="await-bulk", phase="Bulk copy", limit="bulk", poll_interval_seconds=1, undone_by=()),
    Step(
        name="allow-delta",
        phase="Prepare delta",
        limit="command",
        max_inline_wait_seconds=10.0,
        undone_by=("rollback-delta",),
    ),
    Step(
        name="stand-by",
        phase="Stand by",
        limit="command",
        poll_interval_seconds=2,
        max_inline_wait_seconds=10.0,
        undone_by=(),
    ),
    # Rows first: this step starts the digests that the others need. Its name is a stored one, older than the others.
    *(
        Step(
            name=name,
            phase="Verify",
            limit="verify",
            poll_interval_seconds=5,
            max_inline_wait_seconds=10.0,
            undone_by=(),
        )
        for name in ("verify", "verify-files", "verify-program", "sync-auto-increment")
    ),
)
WINDOW = (
    _create_window_step("freeze", "Freeze", "stop_writes", undone_by=("rollback-source", "rollback-targets")),
    _create_window_step("freeze-database", "Freeze", "freeze", undone_by=("rollback-source",)),
    _create_window_step("drain", "Drain", "drain", undone_by=("rollback-replication",)),
    _create_window_step("delta", "Delta", "delta", undone_by=("rollback-targets",)),
    _create_window_step("verify-changes", "Verify", "delta", undone_by=()),
    _create_window_step("activate", "Activate", "activate", undone_by=("rollback-targets",)),
    _create_window_step("accept-live", "Accept", "accept", undone_by=("rollback-admission",)),
    _create_window_step("stop-replication", "Drain", "drain", undone_by=("rollback-replication",)),
    Step(name="commit", phase="Commit", limit="command", poll_interval_seconds=0, retry=Retry.FAST),
)
AFTER_COMMIT = (
    _create_final_step("admit", "Admit everyone", poll_interval_seconds=0),
    # The held users wait for it, so it comes first. While the source works, the step moves the names too, which its failure must not delay.
    _create_final_step("forward", "Forward"),
    _create_final_step("point-name", "Public name", poll_interval_seconds=0),
    _create_final_step("tidy", "Tidy up", "accept"),
    _create_final_step("deny-delta", "Close delta"),
    # NOT REVERSIBLE, like the commit before it. Before the clean-up: a removed replica can look like a cutover that was given up.
    _create_final_step("finalize", "Finalize", poll_interval_seconds=0),
    CLEAN_UP,
    FINISH,
)
AWAIT_NAMES = Step(
    name="await-names",
    phase="Public name",
    limit="public_names",
    poll_interval_seconds=15,
    retry=Retry.PERSISTENT,
    abortable=False,
)
"""for a zone that is not in Route 53. After the clean-up, because somebody needs minutes for it, and what the clean-up removes costs money"""
AWAIT_GO = Step(
    name="await-go",
    phase="Go",
    limit="go",
    poll_interval_seconds=1,
    max_inline_wait_seconds=15.0,
    max_inline_interval_seconds=1.0,
    undone_by=(),
)
"""for a run with a gate: a go by hand, a maintenance window, or a longest window. The last step before the freeze"""
CUTOVER = (*BEFORE_WINDOW, *WINDOW, *AFTER_COMMIT)

DECIDE_ROLLBACK = _create_final_step("decide-rollback", "Roll back", poll_interval_seconds=0)
"""Decides against the commit. If the commit has happened, the procedure goes on instead."""
ROLLBACK_REPLICA = _create_final_step("rollback-replica", "Roll back replica", "launch", waits_for_provider_events=True)
"""waits for a launch that still runs, which can take longer than a clean-up may"""
COLLECT_LOGS = _create_final_step("collect-logs", "Collect logs", poll_interval_seconds=1)
"""before the replica is removed; ends after some seconds, whatever the machines do"""
TEST_LAUNCH_ROLLBACK = (
    COLLECT_LOGS,
    ROLLBACK_REPLICA,
    _create_final_step("rollback-image", "Roll back image", "cleanup"),
)
# The target is closed before the source opens. Users wait for the source, so everything else is undone after that.
CUTOVER_ROLLBACK = (
    _create_final_step("rollback-admission", "Roll back admission", poll_interval_seconds=0),
    _create_final_step("rollback-source", "Thaw source", "freeze_lease"),
    _create_final_step("rollback-targets", "Roll back targets", "activate"),
    _create_final_step("rollback-replication", "Resume replication", "drain"),
    COLLECT_LOGS,
    _create_final_step("rollback-delta", "Close delta"),
    ROLLBACK_REPLICA,
)
RELEASE = _create_final_step("release", "Release", poll_interval_seconds=0)
WARN = _create_final_step("warn", "Warning", poll_interval_seconds=0)
CONCLUDE = _create_final_step("conclude", "Failure", poll_interval_seconds=0)


def _create_hook_step(point: HookPoint) -> Step:
    phase = f"Hooks {point.name.replace('-', ' ')}"
    if not point.can_fail_run:
        return _create_final_step(point.step, phase, "hooks")
    if point.is_in_window:
        return _create_window_step(point.step, phase, "hooks", undone_by=())
    return Step(name=point.step, phase=phase, limit="hooks", max_inline_wait_seconds=10.0, undone_by=())


HOOKS: Mapping[str, Step] = {point.name: _create_hook_step(point) for point in POINTS.values()}
"""by point: the step that runs its hooks. A state machine has it only if the point has a hook"""
_FOLLOWING: Mapping[str, Mapping[str, str]] = {
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
    before = {following: HOOKS[point] for point, following in _FOLLOWING[kind].items() if point in points}
    return tuple(one for step in steps for one in ([before[step.name]] if step.name in before else []) + [step])


WARNINGS_METRIC = "WarningsAfterCommit"
"""in the namespace Cutover: steps of a committed run that failed. The alarm counts it"""

ALL: dict[str, Step] = {
    step.name: step
    for step in (
        *TEST_LAUNCH,
        *CUTOVER,
        AWAIT_GO,
        AWAIT_NAMES,
        *HOOKS.values(),
        DECIDE_ROLLBACK,
        *TEST_LAUNCH_ROLLBACK,
        *CUTOVER_ROLLBACK,
        RELEASE,
        WARN,
        CONCLUDE,
    )
}


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


def list_steps_before_window(*, has_gate: bool) -> tuple[Step, ...]:
    """Return the steps before the freeze. `has_gate`: something beside a ready site must be true before the window begins (common.gate)."""
    return (*BEFORE_WINDOW, AWAIT_GO) if has_gate else BEFORE_WINDOW


def list_steps_after_commit(*, names_elsewhere: bool) -> tuple[Step, ...]:
    """Return the steps after the commit. `names_elsewhere`: somebody keeps the zone of the public names outside of Route 53."""
    *steps, finish = AFTER_COMMIT
    return (*steps, AWAIT_NAMES, finish) if names_elsewhere else AFTER_COMMIT


def format_evidence_name(kind: str, step: str) -> str:
    """Return the name of the step's evidence, `07-await-bulk`: it sorts in the order of the procedure.

    Most runs have no hooks, so they change no other number: `14.5-hooks-before-freeze` sorts after 14 and before 15.
    `02.5-take-over` is of a later release than the numbers.
    """
    if step == TAKE_OVER.name:
        return f"{_ORDER[kind][PREFLIGHT.name]:02d}.5-{step}"
    for point, following in _FOLLOWING.get(kind, {}).items():
        if step == HOOKS[point].name:
            return f"{_ORDER[kind][following] - 1:02d}.5-{step}"
    return f"{_ORDER[kind].get(step, 99):02d}-{step}"
