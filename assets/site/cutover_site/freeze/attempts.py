"""Stop writes in attempts. Writes that do not end soon are not cut: the site opens again, and the next attempt follows after a pause.

Only the last attempt cuts what is left. Pure but for the clock: the effects are in `WritingSite`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from cutover_site.proxy.drain import DrainResult

FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 60
POLL_INTERVAL_SECONDS = 0.25


@dataclass(frozen=True)
class AttemptLimits:
    """The bounds of all attempts to stop writes, in seconds."""

    attempt_seconds: float = 3.0
    """how long the writes in flight may take to end in one attempt"""
    attempts: int = 8
    hold_seconds: float = 12.0
    """how long writes that arrive meanwhile are held, from the begin of their attempt"""
    within_seconds: float = 400.0
    """the last attempt begins so early that it ends in this time, however many attempts there were"""


class WritingSite(Protocol):
    """The site whose writes are stopped."""

    def close(self) -> None:
        """Hold new writes. Raises Refused when the run may not freeze the site any more."""

    def open(self) -> None:
        """Let the held writes go on at the source. Raises Refused when the run does not hold the freeze any more."""

    def drain(self, limit_seconds: float, *, cut: bool) -> DrainResult:
        """Wait until no write is in flight. With `cut`, end those that are left."""

    def list_old_writes(self, age_seconds: float) -> set[str]:
        """Return the names of the writes that seem to be in flight for longer. Raises Refused like `open`."""


@dataclass(frozen=True)
class Attempt:
    """One attempt, for the evidence."""

    waited_seconds: float
    """before it, for old writes to end, while the site was open"""
    closed_seconds: float
    """how long writes were held, until none was in flight or the site opened again"""
    left: int
    """writes in flight at its end"""

    def to_facts(self) -> dict[str, Any]:
        """Return the facts of the evidence."""
        return {
            "waited_seconds": round(self.waited_seconds, 3),
            "closed_seconds": round(self.closed_seconds, 3),
            "left": self.left,
        }


@dataclass(frozen=True)
class StoppedWrites:
    """How writes were stopped."""

    attempts: list[Attempt]
    drained: DrainResult
    """of the last attempt"""
    idle: int = 0
    """idle sessions that all attempts closed"""

    @property
    def opened_seconds(self) -> float:
        """Return how long the last attempt began after the first step: until then the site was open, or opened again."""
        *former, last = self.attempts
        return sum(one.waited_seconds + one.closed_seconds for one in former) + last.waited_seconds


def stop_writes(
    site: WritingSite,
    limits: AttemptLimits,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> StoppedWrites:
    """Close the site until no write is in flight. Leave it closed. Raises Refused when somebody resumes writes meanwhile."""
    began = clock()
    attempts: list[Attempt] = []
    idle = 0
    while True:
        pause = min(FIRST_PAUSE_SECONDS * 2 ** len(attempts), LONGEST_PAUSE_SECONDS)
        left = limits.within_seconds - limits.attempt_seconds - (clock() - began)
        waited = _wait_for_old_writes(site, limits.attempt_seconds, min(pause, left), clock, sleep)
        # The next attempt needs its own time and at least a short pause before it.
        next_ends = clock() - began + 2 * limits.attempt_seconds + FIRST_PAUSE_SECONDS
        last = len(attempts) + 1 >= limits.attempts or next_ends > limits.within_seconds
        closed_at = clock()
        site.close()
        drained = site.drain(limits.attempt_seconds, cut=last)
        idle += drained.idle
        if drained.left:
            site.open()
        attempts.append(Attempt(waited, clock() - closed_at, drained.left))
        if not drained.left:
            return StoppedWrites(attempts, drained, idle)


def _wait_for_old_writes(
    site: WritingSite,
    age_seconds: float,
    limit_seconds: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> float:
    """Wait while a write is in flight that would probably outlast an attempt. Return the seconds. Ends after `limit_seconds` in any case.

    A write that seems old may be young: HAProxy counts the age of a request on a kept-alive connection from the former response. So it is
    waited for only when the next poll still finds the same one.
    """
    began = clock()
    before = site.list_old_writes(age_seconds)
    while before and clock() - began < limit_seconds:
        sleep(POLL_INTERVAL_SECONDS)  # the runtime API has no event for the end of a session
        now = site.list_old_writes(age_seconds)
        if not before & now:
            break
        before = now
    return clock() - began
