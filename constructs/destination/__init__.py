"""Where the site moves to: the network, who may talk to whom, what machines may do."""

from destination.access import MYSQL, Access
from destination.machine_roles import MachineRoles
from destination.network import DestinationNetwork

__all__ = ["MYSQL", "Access", "DestinationNetwork", "MachineRoles"]
