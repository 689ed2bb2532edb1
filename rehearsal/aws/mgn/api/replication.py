"""Start, stop, pause and resume the replication of a server."""

from __future__ import annotations

from collections.abc import Callable

from rehearsal.aws.mgn import exceptions
from rehearsal.aws.mgn.life_cycle import ENDED, STEPS, Replication
from rehearsal.aws.mgn.models import Json, SourceServer
from rehearsal.aws.mgn.state import State
from rehearsal.aws.registry import Action
from rehearsal.replication_engine.ledger import build_record


class ReplicationControl:
    """The operations on the replication of a server."""

    def __init__(
        self,
        state: State,
        *,
        format_server: Callable[[SourceServer], Json],
        replicate: Callable[[SourceServer], None],
        discard: Callable[[str], None],
    ) -> None:
        self._state, self._format, self._replicate, self._discard = state, format_server, replicate, discard
        self.actions: dict[str, Action] = {
            "StartReplication": self.start,
            "StopReplication": self.stop,
            "PauseReplication": self.pause,
            "ResumeReplication": self.resume,
            "RetryDataReplication": self.retry,
        }

    def start(self, source_server_id: str) -> Json:
        """Begin from the first block."""
        return self._begin("StartReplication", source_server_id, "STOPPED")

    def resume(self, source_server_id: str) -> Json:
        """Continue a paused replication."""
        return self._begin("ResumeReplication", source_server_id, "PAUSED")

    def pause(self, source_server_id: str) -> Json:
        """Pause; what was replicated stays."""
        with self._state.lock:
            server = self._require("PauseReplication", source_server_id, "STARTED")
            server.replication = "PAUSED"
            return self._format(server)

    def stop(self, source_server_id: str) -> Json:
        """End the replication and give up the replicated data. The agent stays."""
        with self._state.lock:
            server = self._require("StopReplication", source_server_id, "STARTED", "PAUSED")
            server.replication = "STOPPED"
        self._discard(server.id)
        with self._state.lock:
            server.record, server.steps = build_record(), dict.fromkeys(STEPS, "NOT_STARTED")
            server.state = "NOT_READY"
            return self._format(server)

    def retry(self, source_server_id: str) -> Json:
        """Try again at once what keeps failing."""
        with self._state.lock:
            server = self._state.get_server(source_server_id)
            if server.replication != "STARTED" or not server.is_stalled:
                raise exceptions.invalid(f"Source server {server.id} is not stalled")
        self._replicate(server)
        with self._state.lock:
            return self._format(server)

    def _begin(self, verb: str, source_server_id: str, from_: Replication) -> Json:
        with self._state.lock:
            server = self._require(verb, source_server_id, from_)
            server.replication = "STARTED"
        self._replicate(server)
        with self._state.lock:
            return self._format(server)

    def _require(self, verb: str, source_server_id: str, *allowed: Replication) -> SourceServer:
        server = self._state.get_server(source_server_id)
        if server.replication not in allowed or server.state in ENDED:
            raise exceptions.wrong_state(verb, server.id, server.replication)
        if job := self._state.find_active_job([server.id]):
            raise exceptions.server_in_job(server.id, job.id)
        return server
