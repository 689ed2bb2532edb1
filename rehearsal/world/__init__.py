"""Disks, images, package mirror, network, machines and link-local services of one rehearsal world.

The owner process holds a `World`; everything else (`disks`, `enter`) works from any process by path and id.
"""

from rehearsal.world.firewall import Interface, Permission, Route, Rules, SecurityGroup
from rehearsal.world.machines import Machine, MachineSpec
from rehearsal.world.network import CLIENT, CLIENT_IP
from rehearsal.world.provider import Answer, Credentials, Identity, Provider
from rehearsal.world.world import World

__all__ = [
    "CLIENT",
    "CLIENT_IP",
    "Answer",
    "Credentials",
    "Identity",
    "Interface",
    "Machine",
    "MachineSpec",
    "Permission",
    "Provider",
    "Route",
    "Rules",
    "SecurityGroup",
    "World",
]
