"""How long the client keeps that a server or a job is not ready. Steps poll more often than the API permits."""

from __future__ import annotations

from common.clients.mgn.recent import Recent
from common.clients.provider import Job, Readiness
from common.clock import Clock

LONGEST_SECONDS = 5.0
ANNOUNCED_SECONDS = 60.0
"""if MGN sends an event at the end: of a launch, and of the initial sync, but of nothing else"""
SHORTEST_UNANNOUNCED_SECONDS, LONGEST_UNANNOUNCED_SECONDS = 1.0, 4.0
"""of a job that no event will announce to a client that gets events: a termination, or a launch whose event has arrived"""


class Polls:
    """The kept results of one client. `has_events`: the site receives the events of MGN."""

    def __init__(self, clock: Clock, *, has_events: bool) -> None:
        self.has_events = has_events
        self.readiness: Recent[Readiness] = Recent(
            clock, longest_seconds=LONGEST_SECONDS, announced_seconds=ANNOUNCED_SECONDS
        )
        self.launches: Recent[str] = Recent(clock, longest_seconds=LONGEST_SECONDS, announced_seconds=ANNOUNCED_SECONDS)
        self.jobs: Recent[Job] = Recent(
            clock,
            shortest_seconds=SHORTEST_UNANNOUNCED_SECONDS if has_events else 0.0,
            longest_seconds=LONGEST_UNANNOUNCED_SECONDS if has_events else LONGEST_SECONDS,
            announced_seconds=ANNOUNCED_SECONDS,
        )

    def clear(self) -> None:
        """Forget all of them."""
        for kept in (self.readiness, self.launches, self.jobs):
            kept.clear()
