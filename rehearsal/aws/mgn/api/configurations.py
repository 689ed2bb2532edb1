"""The replication configuration of a server, and MGN's part of its launch settings."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.mgn.api.templates import CheckNetwork, list_member_names
from rehearsal.aws.mgn.models import Json
from rehearsal.aws.mgn.responses import format_launch_configuration, format_replication_configuration
from rehearsal.aws.mgn.state import State
from rehearsal.aws.registry import Action


class Configurations:
    """The operations on configurations. What a request omits stays as it is."""

    def __init__(self, state: State, check_network: CheckNetwork) -> None:
        self._state, self._check_network = state, check_network
        self.actions: dict[str, Action] = {
            "GetReplicationConfiguration": self.get_replication,
            "UpdateReplicationConfiguration": self.update_replication,
            "GetLaunchConfiguration": self.get_launch,
            "UpdateLaunchConfiguration": self.update_launch,
            "ListSourceServerActions": self.list_actions,
        }

    def get_replication(self, source_server_id: str) -> Json:
        """Return where and how a server is replicated."""
        with self._state.lock:
            return format_replication_configuration(self._state.get_server(source_server_id))

    def update_replication(self, source_server_id: str, **values: Any) -> Json:
        """Change where and how a server is replicated."""
        names = list_member_names("UpdateReplicationConfiguration")
        with self._state.lock:
            server = self._state.get_server(source_server_id)
            merged = {**server.replication_configuration, **{names[key]: value for key, value in values.items()}}
        self._check_network(merged["stagingAreaSubnetId"], merged["replicationServersSecurityGroupsIDs"])
        with self._state.lock:
            server.replication_configuration = merged
            return format_replication_configuration(server)

    def get_launch(self, source_server_id: str) -> Json:
        """Return MGN's part of the launch settings."""
        with self._state.lock:
            return format_launch_configuration(self._state.get_server(source_server_id))

    def update_launch(self, source_server_id: str, **values: Any) -> Json:
        """Change MGN's part of the launch settings."""
        names = list_member_names("UpdateLaunchConfiguration")
        with self._state.lock:
            server = self._state.get_server(source_server_id)
            server.launch_configuration.update({names[key]: value for key, value in values.items()})
            return format_launch_configuration(server)

    def list_actions(
        self,
        source_server_id: str,
        filters: Json | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Json:
        """Return no post-launch actions: nobody can make one here."""
        del filters, max_results, next_token
        with self._state.lock:
            self._state.get_server(source_server_id)
        return {"items": []}
