"""The table [source] with kind = "existing": servers that others installed. The file names them and creates nothing."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Literal, Self

from pydantic import model_validator

from settings.base import Model
from settings.errors import UnexpectedValueError
from settings.sources.databases import DATABASE_PORT, DatabaseSettings, ExistingDatabaseServer, ManagedDatabase
from settings.sources.networks import NetworkSettings, RoutedNetworkSettings
from settings.sources.values import (
    DESTINATION_CIDR,
    Address,
    ExistingSecretName,
    NodeId,
    PortNumber,
    RoleName,
    is_address,
    is_hybrid,
)


class ExistingApplicationServer(Model):
    """The application server. `role_name`: role of its instance profile or of its hybrid activation.

    `address`: what the destination connects to, where EC2 does not know it. `ssh_port`: of the SSH server for the delta.
    """

    node_id: NodeId
    role_name: RoleName
    address: Address | None = None
    ssh_port: PortNumber = 22


class ExistingSecrets(Model):
    """Names of the secrets of the source. docs/your-own-site.md has the content of each.

    `application`: the application's database user. `replication`: the database user of DMS and of the comparisons. `site`:
    the application's own key, its administrator and its acceptance user.
    """

    application: ExistingSecretName
    replication: ExistingSecretName
    site: ExistingSecretName

    @model_validator(mode="after")
    def _check_three(self) -> Self:
        names = {"application": self.application, "replication": self.replication, "site": self.site}
        for key, name in names.items():
            if first := next((other for other in names if other != key and names[other] == name), None):
                raise UnexpectedValueError(f"three secrets; {name} is also that of {first}", key)
        return self


class ExistingSource(Model):
    """The servers of a source that SourceStack does not create, the network that leads to them, and its secrets."""

    kind: Literal["existing"]
    application: ExistingApplicationServer
    database: DatabaseSettings = ExistingDatabaseServer()
    network: NetworkSettings
    secrets: ExistingSecrets

    @property
    def has_database_server(self) -> bool:
        """Return whether the database has a server of its own."""
        return self._database_server is not None

    @property
    def _database_server(self) -> ExistingDatabaseServer | None:
        """Return the database's own server; None if the database is on the application server, or managed."""
        database = self.database
        return database if isinstance(database, ExistingDatabaseServer) and database.node_id is not None else None

    @model_validator(mode="after")
    def _check_two_servers(self) -> Self:
        application, database = self.application, self.database
        if isinstance(database, ManagedDatabase):
            return self
        if database.node_id is None:
            if extra := next((key for key in ("role_name", "address") if getattr(database, key) is not None), None):
                raise UnexpectedValueError(
                    f"node_id beside it, the database server's; leave {extra} out if the database is on the application server",
                    "database",
                    extra,
                )
            return self
        if database.node_id == application.node_id:
            raise UnexpectedValueError(
                f"another node than that of source.application; if the database is on {database.node_id} too, "
                "leave node_id, role_name and address of source.database out",
                "database",
                "node_id",
            )
        if database.role_name is None:
            raise UnexpectedValueError("role_name, the role of the database server", "database")
        if database.address is not None and database.address == application.address:
            raise UnexpectedValueError(
                f"another address than that of source.application, which is {application.address} too",
                "database",
                "address",
            )
        return self

    @model_validator(mode="after")
    def _check_addresses(self) -> Self:
        is_routed = isinstance(self.network, RoutedNetworkSettings)
        servers = [("application", self.application.node_id, self.application.address)]
        if (database := self._database_server) and database.node_id is not None:
            servers.append(("database", database.node_id, database.address))
        for server, node_id, address in servers:
            is_needed = is_routed or is_hybrid(node_id)
            if is_needed and address is None:
                reason = "its network is routed" if is_routed else "EC2 does not know that of a hybrid node"
                raise UnexpectedValueError(f"address, the private IPv4 address of {node_id}: {reason}", server)
            if address is None:
                continue
            if not is_needed:
                raise UnexpectedValueError(
                    f"no address: EC2 knows that of {node_id}, remove this line", server, "address"
                )
            self._check_in_networks(server, address)
        return self

    def _is_in_networks(self, address: str) -> bool:
        return any(IPv4Address(address) in IPv4Network(cidr) for cidr in self.network.cidrs)

    def _check_in_networks(self, server: str, address: str) -> None:
        if not self._is_in_networks(address):
            raise UnexpectedValueError(
                f"an address in {' or '.join(self.network.cidrs)}, the networks of source.network, not {address}",
                server,
                "address",
            )
        if network := next((one for one in self.network.cidrs if _is_no_host(address, IPv4Network(one))), None):
            raise UnexpectedValueError(
                f"the address of a server: no server has {address}, the first or the last address of {network}",
                server,
                "address",
            )
        if IPv4Address(address) in IPv4Network(DESTINATION_CIDR):
            raise UnexpectedValueError(
                f"an address outside of {DESTINATION_CIDR}, which is the destination's own, not {address}",
                server,
                "address",
            )

    @model_validator(mode="after")
    def _check_managed_database(self) -> Self:
        if not isinstance(self.database, ManagedDatabase):
            return self
        if is_address(self.database.host) and not self._is_in_networks(self.database.host):
            raise UnexpectedValueError(
                f"an address in {' or '.join(self.network.cidrs)}, the networks of source.network, not {self.database.host}",
                "database",
                "host",
            )
        secrets = self.secrets
        names = {"application": secrets.application, "replication": secrets.replication, "site": secrets.site}
        if first := next((key for key, name in names.items() if name == self.database.administrator_secret), None):
            raise UnexpectedValueError(
                f"a secret of its own; {self.database.administrator_secret} is that of source.secrets.{first} too",
                "database",
                "administrator_secret",
            )
        return self

    @model_validator(mode="after")
    def _check_port(self) -> Self:
        if isinstance(self.database, ManagedDatabase):
            return self
        if isinstance(self.network, RoutedNetworkSettings) and self.database.port is not None:
            raise UnexpectedValueError(
                "no port: no security group of a routed network can be opened, and the secret of source.secrets.replication "
                "has the port; remove this line",
                "database",
                "port",
            )
        return self

    @property
    def database_port(self) -> int:
        """Return the port to open in the database's security group."""
        return self.database.port or DATABASE_PORT


def _is_no_host(address: str, network: IPv4Network) -> bool:
    """Return whether the address is that of the network itself or its broadcast address. RFC 3021: a /31 has neither."""
    ends = (network.network_address, network.broadcast_address)
    return network.prefixlen < 31 and IPv4Address(address) in ends
