"""The order of the procedure, as data. The state machines are built from it and the evidence is numbered by it.

Verify first, freeze last: everything that costs what exists comes before `freeze`, the window costs what changed.
"""

from dataclasses import dataclass
from enum import StrEnum


class Retry(StrEnum):
    """How patiently the state machine repeats a step that raised a retryable error."""

    NORMAL = "normal"
    FAST = "fast"
    """the source is frozen: seconds count"""
    PERSISTENT = "persistent"
    """nothing can be taken back any more, or the source waits for it"""


@dataclass(frozen=True, kw_only=True)
class Step:
    name: str
    phase: str
    """what people read: `Freeze on i-…: …`"""
    limit: str
    """field of common.settings.Limits that bounds the step, all its polls together"""
    poll_interval_seconds: int = 5
    """seconds the state machine waits between two polls; 0 for a step that is done when it answers"""
    max_inline_wait_seconds: float = 0.0
    """seconds one invocation may look again by itself before it answers that it is not done"""
    max_inline_interval_seconds: float = 2.0
    """the longest time, in seconds, between two such looks"""
    retry: Retry = Retry.NORMAL
    abortable: bool = True
    undone_by: tuple[str, ...] | None = None
    """before the commit: the steps of the roll back that undo what the step leaves, () for one that leaves nothing.

    None is for steps that nothing undoes. tests/unit/procedure/test_unwinding.py shows for each step that its declaration is true.
    """


def _window(name: str, phase: str, limit: str, *, undone_by: tuple[str, ...]) -> Step:
    return Step(
        name=name,
        phase=phase,
        limit=limit,
        poll_interval_seconds=1,
        max_inline_wait_seconds=20.0,
        max_inline_interval_seconds=0.2,
        retry=Retry.FAST,
        undone_by=undone_by,
    )


def _final(name: str, phase: str, limit: str = "command", *, poll_interval_seconds: int = 2) -> Step:
    return Step(
        name=name,
        phase=phase,
        limit=limit,
        poll_interval_seconds=poll_interval_seconds,
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
        max_inline_wait_seconds=4.0,
        undone_by=(),
    ),
)
CLEAN_UP = _final("clean-up", "Clean up", "cleanup")
FINISH = _final("finish", "Finish", poll_interval_seconds=0)

TEST_LAUNCH = (
    LOCK,
    PREFLIGHT,
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
        max_inline_wait_seconds=5.0,
        undone_by=(),
    ),
    FINISH,
)
BEFORE_WINDOW = (
    LOCK,
    PREFLIGHT,
    Step(
        name="accept-scratch",
        phase="Accept target on scratch copy",
        limit="accept",
        poll_interval_seconds=3,
        max_inline_wait_seconds=10.0,
        undone_by=("rollback-admission",),
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
    # Rows first: that step begins the digests which the others wait for. Its name is older than theirs, and stands in evidence.
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
    _window("freeze", "Freeze", "freeze", undone_by=("rollback-source", "rollback-targets")),
    _window("freeze-database", "Freeze", "freeze", undone_by=("rollback-source",)),
    _window("drain", "Drain", "drain", undone_by=("rollback-replication",)),
    _window("delta", "Delta", "delta", undone_by=()),
    _window("verify-changes", "Verify", "delta", undone_by=()),
    _window("activate", "Activate", "activate", undone_by=("rollback-targets",)),
    _window("accept-live", "Accept", "accept", undone_by=("rollback-admission",)),
    _window("stop-replication", "Drain", "drain", undone_by=("rollback-replication",)),
    Step(name="commit", phase="Commit", limit="command", poll_interval_seconds=0, retry=Retry.FAST),
)
AFTER_COMMIT = (
    _final("admit", "Admit everyone", poll_interval_seconds=0),
    _final("point-name", "Public name", poll_interval_seconds=0),
    _final("forward", "Forward"),
    _final("tidy", "Tidy up", "accept"),
    _final("deny-delta", "Close delta"),
    CLEAN_UP,
    FINISH,
)
CUTOVER = (*BEFORE_WINDOW, *WINDOW, *AFTER_COMMIT)

DECIDE_ROLLBACK = _final("decide-rollback", "Roll back", poll_interval_seconds=0)
"""Asks the run record whether the commit has happened. If it has, the procedure goes on instead."""
ROLLBACK_REPLICA = _final("rollback-replica", "Roll back replica", "cleanup")
COLLECT_LOGS = _final("collect-logs", "Collect logs", poll_interval_seconds=1)
"""before the replica is removed; ends by itself after some seconds, whatever the machines answer"""
TEST_LAUNCH_ROLLBACK = (
    COLLECT_LOGS,
    ROLLBACK_REPLICA,
    _final("rollback-image", "Roll back image", "cleanup"),
)
# The target is closed before the source opens, and users wait for the source: what else there is to undo comes after it.
CUTOVER_ROLLBACK = (
    _final("rollback-admission", "Roll back admission", poll_interval_seconds=0),
    _final("rollback-source", "Thaw source", "freeze_lease"),
    _final("rollback-targets", "Roll back targets", "activate"),
    _final("rollback-replication", "Resume replication", "drain"),
    COLLECT_LOGS,
    _final("rollback-delta", "Close delta"),
    ROLLBACK_REPLICA,
)
RELEASE = _final("release", "Release", poll_interval_seconds=0)
WARN = _final("warn", "Warning", poll_interval_seconds=0)
CONCLUDE = _final("conclude", "Failure", poll_interval_seconds=0)

WARNINGS_METRIC = "WarningsAfterCommit"
"""in the namespace Cutover: what could not be done of a committed run. The alarm counts it"""

ALL: dict[str, Step] = {
    step.name: step
    for step in (
        *TEST_LAUNCH,
        *CUTOVER,
        DECIDE_ROLLBACK,
        *TEST_LAUNCH_ROLLBACK,
        *CUTOVER_ROLLBACK,
        RELEASE,
        WARN,
        CONCLUDE,
    )
}
_ORDER = {
    kind: {
        step.name: number
        for number, step in reversed(list(enumerate((*forward, DECIDE_ROLLBACK, *back, RELEASE, CONCLUDE), start=1)))
    }
    for kind, forward, back in (
        ("test-launch", TEST_LAUNCH, TEST_LAUNCH_ROLLBACK),
        ("cutover", CUTOVER, CUTOVER_ROLLBACK),
    )
}


def evidence_name(kind: str, step: str) -> str:
    """`07-await-bulk`: sorts as the procedure went."""
    return f"{_ORDER[kind].get(step, 99):02d}-{step}"
