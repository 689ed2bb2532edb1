"""A step of the procedure: its phase, its limits, how it is repeated, and what undoes it."""

from dataclasses import dataclass
from enum import StrEnum


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
    users_wait: bool = False
    """the writes of users are held while the step runs. Its evidence is written while a later step waits for a machine"""
    undone_by: tuple[str, ...] | None = None
    """before the commit: the roll back steps that reverse what the step leaves, () for a step that leaves nothing.

    None for steps without an undo. tests/unit/procedure/test_unwinding.py checks every declaration.
    """


def create_window_step(name: str, phase: str, limit: str, *, undone_by: tuple[str, ...]) -> Step:
    """Create a step between the freeze and the commit: it polls often, because users wait for it."""
    return Step(
        name=name,
        phase=phase,
        limit=limit,
        poll_interval_seconds=1,
        max_inline_wait_seconds=20.0,
        max_inline_interval_seconds=0.1,
        retry=Retry.FAST,
        undone_by=undone_by,
        users_wait=True,
    )


def create_final_step(
    name: str,
    phase: str,
    limit: str = "command",
    *,
    poll_interval_seconds: int = 2,
    waits_for_provider_events: bool = False,
    users_wait: bool = False,
) -> Step:
    """Create a step of the roll back or after the commit: it is repeated until it succeeds, and no failure aborts it."""
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
        users_wait=users_wait,
    )
