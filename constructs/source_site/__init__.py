"""The source as all stacks see it: a description without resources. `demo_source` creates one, `existing_source` makes one of settings."""

from source_site.managed_database import ManagedDatabase
from source_site.names import PublicNames
from source_site.node import ManagedNode
from source_site.permissions import NamedRole, OwnedRole, Permissions
from source_site.reachability import PeeredVpc, Reachability, RoutedNetwork, RouteTable
from source_site.source_site import SourceSecrets, SourceServer, SourceSite

__all__ = [
    "ManagedDatabase",
    "ManagedNode",
    "NamedRole",
    "OwnedRole",
    "PeeredVpc",
    "Permissions",
    "PublicNames",
    "Reachability",
    "RouteTable",
    "RoutedNetwork",
    "SourceSecrets",
    "SourceServer",
    "SourceSite",
]
