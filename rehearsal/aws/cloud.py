"""Put together all of the local AWS that is more than records."""

from __future__ import annotations

from rehearsal.aws.authorization import Authorization
from rehearsal.aws.clients import Clients
from rehearsal.aws.commands import Command, handle_commands
from rehearsal.aws.control import Control
from rehearsal.aws.ec2.api.console import ConsoleApi
from rehearsal.aws.ec2.api.images import ImageApi
from rehearsal.aws.ec2.api.instances import InstanceApi
from rehearsal.aws.ec2.images import Images
from rehearsal.aws.ec2.instances import Instances
from rehearsal.aws.ec2.profiles import Profiles
from rehearsal.aws.faults.kinds import Faults
from rehearsal.aws.faults.machines import MachineFaults
from rehearsal.aws.machine_disks import MachineDisks
from rehearsal.aws.names import Names
from rehearsal.aws.network.api.elastic_ips import ElasticIps
from rehearsal.aws.network.api.group_rules import GroupRules
from rehearsal.aws.network.api.nat_gateways import NatGateways
from rehearsal.aws.network.api.transit_gateways import TransitGateways
from rehearsal.aws.network.api.transit_routes import TransitRoutes
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.network.firewall import Firewall
from rehearsal.aws.network.transit import TransitRecords
from rehearsal.aws.network.tunnels import Tunnels
from rehearsal.aws.provider import Provider
from rehearsal.aws.registry import Registry
from rehearsal.aws.role_sessions import RoleSessions
from rehearsal.aws.tags import Tags
from rehearsal.on_premises.machines import OwnMachines
from rehearsal.on_premises.networks import OwnNetworks
from rehearsal.settings import Settings
from rehearsal.world import World


class Cloud:
    """The parts of the local AWS, one each in a process.

    A new service uses them: endpoints, firewall, names, world, clients, … `control` handles the paths below /_rehearsal/: see
    there. A service that has control commands of its own adds them to `commands`. `firewall.apply` must be called after each change of an endpoint.
    """

    def __init__(self, settings: Settings, registry: Registry, world: World, provider: Provider) -> None:
        self.settings, self.registry, self.world = settings, registry, world
        self.clients = Clients(settings)
        self.control = Control()
        self.faults = Faults()
        self.tags = Tags(registry)
        self.endpoints = Endpoints(registry)
        self.elastic_ips = ElasticIps(registry, self.endpoints, self.tags, self.apply)
        self.nat_gateways = NatGateways(registry, self.endpoints, self.elastic_ips, self.tags, self.apply)
        self.own_networks = OwnNetworks()
        transit = TransitRecords(registry)
        TransitGateways(registry, transit, self.tags, self.apply)
        TransitRoutes(registry, transit, self.tags, self.apply)
        tunnels = Tunnels(registry, transit, self.own_networks)
        self.firewall = Firewall(
            registry, self.endpoints, world.network, self.nat_gateways.all, tunnels, self.own_networks
        )
        self.names = Names(registry, self.endpoints)
        self.role_sessions = RoleSessions(self.clients, registry)
        self.profiles = Profiles(self.clients, self.role_sessions)
        self.images = Images(registry, settings, self.tags)
        Authorization(registry, self.tags, self.images)
        self.instances = Instances(
            registry,
            settings,
            world,
            endpoints=self.endpoints,
            firewall=self.firewall,
            images=self.images,
            profiles=self.profiles,
            tags=self.tags,
            faults=MachineFaults(self.faults),
        )
        self.group_rules = GroupRules(registry, self.apply)
        self.image_api = ImageApi(registry, self.images, self.tags)
        self.instance_api = InstanceApi(registry, self.instances, self.images, self.endpoints, self.tags, self.apply)
        ConsoleApi(registry, self.instances, settings.logs / "machines")
        provider.connect(
            instances=self.instances,
            endpoints=self.endpoints,
            profiles=self.profiles,
            names=self.names,
            tags=self.tags,
        )
        disks = MachineDisks(settings, world, self.instances)
        own_machines = OwnMachines(world, self.own_networks, self.apply)
        self.commands: dict[str, Command] = {
            **disks.commands,
            **own_machines.commands,
            "functions/end": registry.end_invocations,
        }
        self.control.add("commands", handle_commands(self.commands))
        self.images.add_stock(world.make_image("debian-12"))

    def apply(self) -> None:
        """Update the world's packet rules to the current state of the API."""
        self.firewall.apply()

    def apply_change(self, action: str) -> None:
        """Take over a change of a record of EC2 that ministack made."""
        if "Tags" in action:
            self.instances.copy_tags_to_machines()
        else:
            self.apply()
