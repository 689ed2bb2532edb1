"""The destination of the site: network, security groups, roles of the machines."""

from destination.access import MYSQL, Access
from destination.machine_roles import MachineRoles
from destination.network import DestinationNetwork

__all__ = ["MYSQL", "Access", "DestinationNetwork", "MachineRoles"]
