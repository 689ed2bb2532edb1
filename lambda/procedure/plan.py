"""The order of the procedure, as data. The state machines are built from it and the evidence is numbered by it.

Verify first, freeze last: everything that costs what exists comes before `freeze`, the window costs what changed.
"""

from dataclasses import dataclass
from enum import StrEnum


class Retry(StrEnum):
    """How patiently the state machine repeats a step that raised a retryable error."""

    CALM = "calm"
    WINDOW = "window"
    """the source is frozen: seconds count"""
    STUBBORN = "stubborn"
    """nothing can be taken back any more, or the source waits for it"""


@dataclass(frozen=True, kw_only=True)
class Step:
    name: str
    phase: str
    """what people read: `Freeze on i-…: …`"""
    limit: str
    """field of common.settings.Limits that bounds the step, all its polls together"""
    poll: int = 5
    """seconds the state machine waits between two polls"""
    hold: float = 0.0
    """seconds one invocation may look again by itself before it answers that it is not done"""
    retry: Retry = Retry.CALM
    abortable: bool = True


def _window(name: str, phase: str, limit: str) -> Step:
    return Step(name=name, phase=phase, limit=limit, poll=1, hold=20.0, retry=Retry.WINDOW)


def _final(name: str, phase: str, limit: str = "command") -> Step:
    return Step(name=name, phase=phase, limit=limit, poll=2, hold=10.0, retry=Retry.STUBBORN, abortable=False)


LOCK = Step(name="lock", phase="Lock", limit="command", abortable=False)
PREFLIGHT = Step(name="preflight", phase="Preflight", limit="replication_wait", poll=10, hold=5.0)
LAUNCHING = (
    Step(name="prepare-launch", phase="Prepare launch", limit="command"),
    Step(name="launch", phase="Launch", limit="command"),
    Step(name="await-job", phase="Launch", limit="launch", poll=5),
)
CLEAN_UP = _final("clean-up", "Clean up", "cleanup")
FINISH = _final("finish", "Finish")

TEST_LAUNCH = (
    LOCK,
    PREFLIGHT,
    *LAUNCHING,
    Step(name="await-report", phase="Acceptance", limit="report", poll=1),
    Step(name="await-image", phase="Image", limit="image", poll=5, hold=5.0),
    Step(name="clean-up-test", phase="Clean up", limit="cleanup", poll=3, hold=5.0),
    FINISH,
)
BEFORE_WINDOW = (
    LOCK,
    PREFLIGHT,
    Step(name="accept-scratch", phase="Accept target on scratch copy", limit="accept", poll=3, hold=10.0),
    *LAUNCHING,
    Step(name="await-bulk", phase="Bulk copy", limit="bulk", poll=1),
    Step(name="allow-delta", phase="Prepare delta", limit="command", hold=10.0),
    Step(name="verify", phase="Verify", limit="verify", poll=5, hold=10.0),
)
WINDOW = (
    _window("freeze", "Freeze", "freeze"),
    _window("freeze-database", "Freeze", "freeze"),
    _window("drain", "Drain", "drain"),
    _window("delta", "Delta", "delta"),
    _window("verify-changes", "Verify", "delta"),
    _window("activate", "Activate", "activate"),
    _window("accept-live", "Accept", "accept"),
    _window("commit", "Commit", "command"),
)
AFTER_COMMIT = (
    _final("admit", "Admit everyone"),
    _final("forward", "Forward"),
    _final("point-name", "Public name"),
    CLEAN_UP,
    FINISH,
)
CUTOVER = (*BEFORE_WINDOW, *WINDOW, *AFTER_COMMIT)

DECIDE_ROLLBACK = _final("decide-rollback", "Roll back")
"""Asks the run record whether the commit has happened. If it has, the procedure goes on instead."""
TEST_LAUNCH_ROLLBACK = (
    CLEAN_UP,
    _final("rollback-image", "Roll back image", "cleanup"),
)
CUTOVER_ROLLBACK = (
    _final("rollback-targets", "Roll back targets", "activate"),
    _final("rollback-admission", "Roll back admission"),
    _final("rollback-source", "Thaw source", "freeze"),
    _final("rollback-replication", "Resume replication", "drain"),
    CLEAN_UP,
)
RELEASE = _final("release", "Release")
WARN = _final("warn", "Warning")
CONCLUDE = _final("conclude", "Failure")

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
