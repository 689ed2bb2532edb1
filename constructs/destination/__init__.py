"""The destination of the site: network, security groups, roles of the machines. One part stays, another ends with the migration."""

from destination.access import MYSQL, SiteAccess
from destination.link import SourceLink
from destination.machine_roles import MigrationRoles, TargetRole
from destination.migration_access import MigrationAccess
from destination.network import DestinationNetwork

__all__ = [
    "MYSQL",
    "DestinationNetwork",
    "MigrationAccess",
    "MigrationRoles",
    "SiteAccess",
    "SourceLink",
    "TargetRole",
]
