"""Source servers: which of them is the one that the settings name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.clients.mgn.service import Service
from common.errors import Missing, StepFailed

ENDED = frozenset({"CUTOVER", "DISCONNECTED"})
"""life cycle states of servers that are not replicated any more; onboarding a server again makes a new one"""
Server = Mapping[str, Any]


class Servers:
    """The source servers of the account in one region."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def read(self, source_server_id: str) -> Server:
        """Return the server. Missing when the service does not have it."""
        found = self._service.items("describe_source_servers", filters={"sourceServerIDs": [source_server_id]})
        if not found:
            raise Missing(
                f"MGN has no source server {source_server_id} in region {self._service.region}",
                next_action="install the agent on the server again, then deploy again",
            )
        return found[0]

    def list_named(self, name: str) -> list[Server]:
        """Return the replicated servers with this name."""
        return [one for one in self._list() if is_replicated(one) and name in list_names(one)]

    def list_any(self, name: str) -> list[Server]:
        """Return every server with this name, also those that are archived or not replicated any more."""
        return [one for one in self._service.items("describe_source_servers", filters={}) if name in list_names(one)]

    def list_replicated_names(self) -> list[str]:
        """Return the plainest name of each replicated server, sorted."""
        return _list_plain_names(self._list())

    def find(self, name: str) -> Server:
        """Return the one replicated server with this name. StepFailed names the candidates when there is none, or more than one."""
        servers = self._list()
        named = [one for one in servers if name in list_names(one)]
        found = [one for one in named if is_replicated(one)]
        if len(found) == 1:
            return found[0]
        if found:
            raise StepFailed(
                f"{len(found)} source servers have this name: {_describe(found)}",
                machine=name,
                next_action="disconnect and archive the ones that are not needed, or set source_server_name to the id of one",
            )
        if named:
            raise StepFailed(
                f"every source server of this name is archived, disconnected or cut over: {_describe(named)}",
                machine=name,
                next_action="install the agent on the server again: MGN then has it under a new id",
            )
        known = _list_plain_names(servers)
        raise StepFailed(
            f"MGN has no source server of this name in region {self._service.region}; it has: {', '.join(known) or 'none'}",
            machine=name,
            next_action="correct source_server_name in migration.toml, or install the agent on the server",
        )

    def _list(self) -> list[Server]:
        # Filters know neither names nor tags.
        return list(self._service.items("describe_source_servers", filters={"isArchived": False}))


def list_names(server: Server) -> list[str]:
    """Return every name of the server, the plainest first: tag, user-provided id, host name, domain name, instance id, server id.

    Each of them may be absent. A server that was only imported has no host name.
    """
    hints = (server.get("sourceProperties") or {}).get("identificationHints") or {}
    names = (
        (server.get("tags") or {}).get("Name"),
        server.get("userProvidedID"),
        hints.get("hostname"),
        hints.get("fqdn"),
        hints.get("awsInstanceID"),
        server.get("sourceServerID"),
    )
    return list(dict.fromkeys(str(one) for one in names if one))


def _list_plain_names(servers: Sequence[Server]) -> list[str]:
    return sorted({names[0] for one in servers if is_replicated(one) and (names := list_names(one))})


def is_replicated(server: Server) -> bool:
    """Return whether the server is neither archived nor disconnected nor cut over."""
    return not server.get("isArchived") and get_state(server) not in ENDED


def get_state(server: Server) -> str:
    """Return the life cycle state, empty when the service does not name one."""
    return str((server.get("lifeCycle") or {}).get("state") or "")


def get_instance_id(server: Server) -> str:
    """Return the instance of the last launch, empty when there is none. It may be terminated."""
    return str((server.get("launchedInstance") or {}).get("ec2InstanceID") or "")


def _describe(servers: Sequence[Server]) -> str:
    return ", ".join(f"{one.get('sourceServerID')} ({get_state(one) or 'no state'})" for one in servers)
