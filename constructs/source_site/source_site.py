"""Describe the source to the stacks. The members are interfaces and strings, so the description fits any source."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_secretsmanager as secretsmanager

from source_site.managed_database import ManagedDatabase
from source_site.names import PublicNames
from source_site.node import ManagedNode
from source_site.permissions import Permissions
from source_site.reachability import Reachability, RoutedNetwork


@dataclass(frozen=True, kw_only=True)
class SourceServer:
    """One server of the source. `port`: TCP port that the destination opens connections to."""

    node: ManagedNode
    permissions: Permissions
    port: int


@dataclass(frozen=True, kw_only=True)
class SourceSecrets:
    """The secrets of the source.

    `application`: the application's database user. `replication`: the database user of DMS and of the comparisons, in the
    form that DMS expects (username, password, host, port). `site`: the application's own key, its administrator and its
    acceptance user.
    """

    application: secretsmanager.ISecret
    replication: secretsmanager.ISecret
    site: secretsmanager.ISecret

    @property
    def all(self) -> list[secretsmanager.ISecret]:
        return [self.application, self.replication, self.site]


@dataclass(frozen=True, kw_only=True)
class SourceSite:
    """One site at its source. The later stacks and their constructs use nothing else of a source.

    Raises ValueError for a server that the destination cannot identify: behind a gateway, each server needs an address in
    one of the routed networks.
    """

    application: SourceServer
    """the server that is migrated; its port is SSH, for the delta"""
    database: SourceServer
    """MySQL or MariaDB; for a managed database the application server, with the database's port"""
    secrets: SourceSecrets
    reachability: Reachability
    names: PublicNames
    managed_database: ManagedDatabase | None = None
    """None: a server that Systems Manager manages has the database"""

    def __post_init__(self) -> None:
        if isinstance(self.reachability, RoutedNetwork):
            for what, server in (("application", self.application), ("database", self.database)):
                who, address = f"the {what} server {server.node.id}", server.node.address
                if not address:
                    raise ValueError(f"{who} needs an address: its network is routed, not peered")
                if not self.reachability.has_address(address):
                    raise ValueError(f"{who} has the address {address}, which is in none of its networks")

    @property
    def nodes(self) -> tuple[ManagedNode, ...]:
        """Return the servers to which the procedure sends commands: one server if it has the application and the database."""
        return tuple(dict.fromkeys((self.application.node, self.database.node)))
