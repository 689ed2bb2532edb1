"""Why the replication of a server stands, as MGN names it."""

from __future__ import annotations

from fnmatch import fnmatchcase

from rehearsal.aws.faults.kinds import Fault, Faults, match_kind
from rehearsal.aws.mgn.events import Events
from rehearsal.aws.mgn.models import SourceServer
from rehearsal.replication_engine.dates import now

AGENT_TIMEOUT = 30.0
"""Seconds without a heartbeat after which the agent counts as gone."""


def is_named(server: SourceServer, pattern: str) -> bool:
    """Return whether an ordered fault is about this server."""
    return any(fnmatchcase(name, pattern) for name in server.names)


class Stalls:
    """Evaluates servers, and sends an event when one stalls or continues."""

    def __init__(self, faults: Faults, events: Events, *, agent_timeout: float = AGENT_TIMEOUT) -> None:
        self._faults, self._events, self._agent_timeout = faults, events, agent_timeout

    def find_blocking_error(self, server: SourceServer) -> str:
        """Return the error that keeps the engine from work: it was ordered, or the agent is gone. Empty when there is none."""
        ordered = self.find_hit("mgn-stalled", server)
        if ordered:
            return ordered.error
        return "AGENT_NOT_SEEN" if self.is_away(server) else ""

    def is_away(self, server: SourceServer) -> bool:
        """Return whether the agent sent no heartbeat for so long that it counts as gone."""
        return (now() - server.seen).total_seconds() > self._agent_timeout

    def find_error(self, server: SourceServer) -> str:
        """Return the DataReplicationErrorString of a server; empty when it is not stalled."""
        found = ""
        if server.replication == "STARTED":
            found = self.find_blocking_error(server) or (
                f"FAILED_TO_{server.failed_step}" if server.failed_step else ""
            )
        if bool(found) != server.is_stalled:
            server.is_stalled = bool(found)
            self._events.send_stall(server, stalled=server.is_stalled)
        return found

    def find_hit(self, kind: str, server: SourceServer) -> Fault | None:
        """Return the ordered fault of this kind that hits this event, and count it."""
        return self._faults.find_hit(match_kind(kind, lambda one: is_named(server, one.server)))

    def find_launch_failure(self, server: SourceServer, event: str) -> Fault | None:
        """Return the ordered failure of a launch that hits at this event of its log, and count it."""
        return self._faults.find_hit(
            match_kind("mgn-launch-fails", lambda one: one.event == event and is_named(server, one.server))
        )
