"""Describe an existing source to the stacks. Everything is imported by its id or name; nothing is looked up in AWS."""

from __future__ import annotations

from typing import assert_never

from applications.profile import Profile
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_secretsmanager as secretsmanager
from settings.site import Site
from settings.sources import ExistingSource
from settings.sources.databases import DatabaseSettings, ExistingDatabaseServer
from settings.sources.databases import ManagedDatabase as ManagedDatabaseSettings
from settings.sources.existing import ExistingSecrets
from settings.sources.networks import NetworkSettings, PeeredVpcSettings, RoutedNetworkSettings
from source_site import (
    ManagedDatabase,
    ManagedNode,
    NamedRole,
    PeeredVpc,
    PublicNames,
    Reachability,
    RoutedNetwork,
    RouteTable,
    SourceSecrets,
    SourceServer,
    SourceSite,
)


def describe_existing_source(scope: Stack, *, source: ExistingSource, site: Site, profile: Profile) -> SourceSite:
    """Return the existing source as a SourceSite.

    `scope`: a stack for the imported constructs, of the region of the migration. It is not deployed, so it is not in the app.
    """
    application = SourceServer(
        node=ManagedNode(id=source.application.node_id, address=source.application.address or ""),
        permissions=NamedRole(role_name=source.application.role_name),
        port=source.application.ssh_port,
    )
    return SourceSite(
        application=application,
        database=_describe_database(source, application),
        secrets=_import_secrets(scope, source.secrets),
        reachability=_describe_network(scope, source.network),
        managed_database=_describe_managed_database(scope, source.database),
        names=PublicNames.from_settings(site, profile, hosted_zone_id=site.hosted_zone_id),
    )


def _describe_database(source: ExistingSource, application: SourceServer) -> SourceServer:
    """Return the database server: the application server with the database's port if it has both."""
    server = source.database
    if isinstance(server, ManagedDatabaseSettings) or server.node_id is None or server.role_name is None:
        return SourceServer(node=application.node, permissions=application.permissions, port=source.database_port)
    return SourceServer(
        node=ManagedNode(id=server.node_id, address=server.address or ""),
        permissions=NamedRole(role_name=server.role_name),
        port=source.database_port,
    )


def _describe_managed_database(scope: Stack, database: DatabaseSettings) -> ManagedDatabase | None:
    match database:
        case ManagedDatabaseSettings():
            secret = secretsmanager.Secret.from_secret_name_v2(scope, "Administrator", database.administrator_secret)
            return ManagedDatabase(
                host=database.host,
                port=database.port,
                administrator=secret,
                certificate_authority=database.certificate_authority,
            )
        case ExistingDatabaseServer():
            return None
        case unknown:
            assert_never(unknown)


def _import_secrets(scope: Stack, names: ExistingSecrets) -> SourceSecrets:
    import_secret = secretsmanager.Secret.from_secret_name_v2
    return SourceSecrets(
        application=import_secret(scope, "Application", names.application),
        replication=import_secret(scope, "Replication", names.replication),
        site=import_secret(scope, "Site", names.site),
    )


def _describe_network(scope: Stack, network: NetworkSettings) -> Reachability:
    match network:
        case PeeredVpcSettings():
            return PeeredVpc(
                vpc_id=network.vpc_id,
                cidr=network.cidr,
                route_tables=tuple(RouteTable(id=table, name=table) for table in network.route_table_ids),
                application_group=_import_group(scope, "ApplicationGroup", network.application_group_id),
                database_group=_import_group(scope, "DatabaseGroup", network.database_group_id),
            )
        case RoutedNetworkSettings():
            return RoutedNetwork(cidrs=network.cidrs, gateway_id=network.gateway_id)
        case unknown:
            assert_never(unknown)


def _import_group(scope: Stack, construct_id: str, group_id: str) -> ec2.ISecurityGroup:
    return ec2.SecurityGroup.from_security_group_id(scope, construct_id, group_id)
