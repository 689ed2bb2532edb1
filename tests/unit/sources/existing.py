"""A source that Cutover did not create: strings and imported constructs, no resource. A later release may describe one in migration.toml."""

from __future__ import annotations

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_secretsmanager as secretsmanager
from settings import Settings
from source_site import (
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

APPLICATION = ManagedNode(id="mi-0a1b2c3d4e5f60718", address="192.168.7.20")
DATABASE = ManagedNode(id="mi-0f1e2d3c4b5a69788", address="192.168.7.30")
ROUTED = RoutedNetwork(cidrs=("192.168.7.0/24", "172.20.0.0/16"), gateway_id="tgw-0123456789abcdef0")
ROLE = "HybridNodes"
VPC, ROUTE_TABLE = "vpc-0123456789abcdef0", "rtb-0123456789abcdef0"
APPLICATION_GROUP, DATABASE_GROUP = "sg-0123456789abcdef0", "sg-0fedcba9876543210"
COMPLETE_ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:forge/replication-a1B2c3"


def import_scope(settings: Settings) -> Stack:
    """Return a stack that is not in the app: imported constructs need a scope, and have no resource that could be deployed."""
    return Stack(App(), "Imports", env=Environment(region=settings.aws.region))


def describe_existing(
    scope: Stack,
    settings: Settings,
    *,
    application: ManagedNode = APPLICATION,
    database: ManagedNode = DATABASE,
    reachability: Reachability = ROUTED,
) -> SourceSite:
    """Return a site with two existing servers: two secrets by name, one by ARN, roles by name."""
    by_name = secretsmanager.Secret.from_secret_name_v2
    return SourceSite(
        application=SourceServer(node=application, permissions=NamedRole(role_name=ROLE), port=2222),
        database=SourceServer(node=database, permissions=NamedRole(role_name=ROLE), port=3307),
        secrets=SourceSecrets(
            application=by_name(scope, "Application", "forge/database"),
            replication=secretsmanager.Secret.from_secret_complete_arn(scope, "Replication", COMPLETE_ARN),
            site=by_name(scope, "Site", "forge/site"),
        ),
        reachability=reachability,
        names=PublicNames.from_settings(settings.site, settings.profile, hosted_zone_id="Z0123456789"),
    )


def import_vpc(scope: Stack) -> PeeredVpc:
    """Return an existing VPC, by its ids."""
    return PeeredVpc(
        vpc_id=VPC,
        cidr="172.31.0.0/16",
        route_tables=(RouteTable(id=ROUTE_TABLE, name=ROUTE_TABLE),),
        application_group=ec2.SecurityGroup.from_security_group_id(scope, "ApplicationGroup", APPLICATION_GROUP),
        database_group=ec2.SecurityGroup.from_security_group_id(scope, "DatabaseGroup", DATABASE_GROUP),
    )
