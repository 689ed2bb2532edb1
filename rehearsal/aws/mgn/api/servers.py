"""Source servers: their list, their life cycle, and its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rehearsal.aws.mgn import exceptions
from rehearsal.aws.mgn.api.listing import cut_page
from rehearsal.aws.mgn.life_cycle import CHANGES_FROM, ENDED, STEPS
from rehearsal.aws.mgn.models import Json, SourceServer
from rehearsal.aws.mgn.responses import format_server
from rehearsal.aws.mgn.stalls import Stalls
from rehearsal.aws.mgn.state import State
from rehearsal.aws.registry import Action
from rehearsal.replication_engine.dates import now
from rehearsal.replication_engine.ledger import build_record

AGENT_BASED = "AGENT_BASED"


class Servers:
    """The operations on servers. `release` gives up what a server has: staging resources and its launch template."""

    def __init__(self, state: State, stalls: Stalls, release: Callable[[SourceServer], None]) -> None:
        self._state, self._stalls, self._release = state, stalls, release
        self.actions: dict[str, Action] = {
            "DescribeSourceServers": self.describe,
            "ChangeServerLifeCycleState": self.change_state,
            "FinalizeCutover": self.finalize,
            "DisconnectFromService": self.disconnect,
            "MarkAsArchived": self.archive,
            "DeleteSourceServer": self.delete,
        }

    def describe(
        self, filters: dict[str, Any] | None = None, max_results: int | None = None, next_token: str | None = None
    ) -> Json:
        """Return the servers that match. There is no filter by name or tag."""
        wanted = filters or {}
        with self._state.lock:
            self._state.require_initialized()
            found = [one for one in self._state.servers.values() if _is_match(one, wanted)]
            return cut_page([self.format(one) for one in found], max_results, next_token)

    def format(self, server: SourceServer) -> Json:
        """Return a server as the API shows it now."""
        return format_server(server, self._stalls.find_error(server))

    def change_state(self, source_server_id: str, life_cycle: dict[str, str]) -> Json:
        """Change the state by hand. It terminates nothing."""
        wanted = life_cycle["state"]
        if wanted not in CHANGES_FROM:
            raise exceptions.invalid(f"must be one of {', '.join(CHANGES_FROM)}", field="lifeCycle.state")
        with self._state.lock:
            server = self._state.get_server(source_server_id)
            self._require_no_job(server)
            if server.state not in CHANGES_FROM[wanted] or not server.is_launchable:
                raise exceptions.wrong_state("ChangeServerLifeCycleState", server.id, server.state)
            if server.state == "TESTING" and wanted == "READY_FOR_TEST":
                server.last_test.reverted = now()
            if server.state == "CUTTING_OVER" and wanted != "CUTOVER":
                server.last_cutover.reverted = now()
            server.state = wanted  # type: ignore[assignment]  # one of CHANGES_FROM
            return self.format(server)

    def finalize(self, source_server_id: str) -> Json:
        """End the migration of a server. It makes no job; the launched instance stays. It cannot be reverted."""
        with self._state.lock:
            server = self._state.get_server(source_server_id)
            self._require_no_job(server)
            if server.state != "CUTTING_OVER" or not server.launched:
                raise exceptions.wrong_state("FinalizeCutover", server.id, server.state)
            server.state, server.last_cutover.finalized = "CUTOVER", now()
            return self._end(server)

    def disconnect(self, source_server_id: str) -> Json:
        """End the replication of a server. Its launched instance stays, and MGN forgets it."""
        with self._state.lock:
            server = self._state.get_server(source_server_id)
            self._require_no_job(server)
            if server.state in ENDED:
                raise exceptions.wrong_state("DisconnectFromService", server.id, server.state)
            server.state, server.launched = "DISCONNECTED", None
            return self._end(server)

    def archive(self, source_server_id: str) -> Json:
        """Archive a server whose migration has ended."""
        with self._state.lock:
            server = self._state.get_server(source_server_id)
            if server.state not in ENDED:
                raise exceptions.wrong_state("MarkAsArchived", server.id, server.state)
            server.archived = True
            return self.format(server)

    def delete(self, source_server_id: str) -> None:
        """Delete a server that does not replicate."""
        with self._state.lock:
            server = self._state.get_server(source_server_id)
            if server.replication not in ("DISCONNECTED", "STOPPED"):
                raise exceptions.still_replicating(server.id)
            del self._state.servers[server.id]
        self._release(server)

    def _end(self, server: SourceServer) -> Json:
        server.replication, server.must_uninstall, server.is_stalled = "DISCONNECTED", True, False
        server.steps = dict.fromkeys(STEPS, "NOT_STARTED")
        last = server.record.get("lastConsistent")
        server.record = {**build_record(), **({"lastConsistent": last} if last else {})}
        self._release(server)
        return self.format(server)

    def _require_no_job(self, server: SourceServer) -> None:
        if job := self._state.find_active_job([server.id]):
            raise exceptions.server_in_job(server.id, job.id)


def _is_match(server: SourceServer, filters: dict[str, Any]) -> bool:
    if filters.get("applicationIDs"):
        return False  # there are no applications
    return (
        server.id in filters.get("sourceServerIDs", [server.id])
        and filters.get("isArchived", server.archived) == server.archived
        and server.state in (filters.get("lifeCycleStates") or [server.state])
        and AGENT_BASED in (filters.get("replicationTypes") or [AGENT_BASED])
    )
