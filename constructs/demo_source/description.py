"""Describe the demo source to the later stacks."""

from __future__ import annotations

from settings import Settings
from source_site import (
    ManagedNode,
    OwnedRole,
    PeeredVpc,
    PublicNames,
    RouteTable,
    SourceSecrets,
    SourceServer,
    SourceSite,
)

from demo_source import ports
from demo_source.application_server import ApplicationServer
from demo_source.database_server import DatabaseServer
from demo_source.network import CIDR, DemoNetwork
from demo_source.site_name import SiteName


def describe_source(
    *,
    settings: Settings,
    network: DemoNetwork,
    secrets: SourceSecrets,
    database: DatabaseServer,
    application: ApplicationServer,
    name: SiteName,
) -> SourceSite:
    """Return the constructs of the demo source as a SourceSite."""
    return SourceSite(
        application=SourceServer(
            node=ManagedNode(id=application.instance.instance_id, role_tag=application.ROLE_TAG),
            permissions=OwnedRole(role=application.role),
            port=ports.DELTA_SSH,
        ),
        database=SourceServer(
            node=ManagedNode(id=database.instance.instance_id, role_tag=database.ROLE_TAG),
            permissions=OwnedRole(role=database.role),
            port=ports.MYSQL,
        ),
        secrets=secrets,
        reachability=PeeredVpc(
            vpc_id=network.vpc.vpc_id,
            cidr=CIDR,
            route_tables=tuple(
                RouteTable(id=subnet.route_table.route_table_id, name=subnet.node.id)
                for subnet in network.vpc.public_subnets
            ),
            application_group=network.application,
            database_group=network.database,
        ),
        names=PublicNames.from_settings(settings.site, settings.profile, hosted_zone_id=name.zone.hosted_zone_id),
    )
