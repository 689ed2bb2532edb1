"""Know the networks outside of AWS, and what may pass their routers."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rehearsal.errors import RehearsalError
from rehearsal.world import Permission, SecurityGroup

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


@dataclass(frozen=True)
class Host:
    """A machine of the network; `public_ip` is the address by which the internet reaches it, at the `published` TCP ports."""

    id: str
    ip: str
    public_ip: str | None = None
    published: tuple[int, ...] = ()


@dataclass
class OwnNetwork:
    """A network with one router. `router_ip` is its public address: that of the customer gateway.

    `routes` are the destinations that the router sends into its VPN tunnels.
    """

    name: str
    cidr: str
    router_ip: str
    routes: tuple[str, ...] = ()
    hosts: dict[str, Host] = field(default_factory=dict)

    def list_groups(self) -> Iterator[SecurityGroup]:
        """Yield the router's firewall as a group for each host: what is private passes, and what is published."""
        for host in self.hosts.values():
            private = [Permission("-1", cidr=cidr) for cidr in _PRIVATE]
            published = [Permission("tcp", port, port, cidr="0.0.0.0/0") for port in host.published]
            yield SecurityGroup(
                name_group(host), ingress=(*private, *published), egress=(Permission("-1", cidr="0.0.0.0/0"),)
            )


def name_group(host: Host) -> str:
    """Return the name of a host's rules in the packet filter."""
    return f"host-{host.id}"


class OwnNetworks:
    """The networks of this world, by name. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._found: dict[str, OwnNetwork] = {}

    def add(self, name: str, cidr: str, router_ip: str) -> OwnNetwork:
        """Add a network. Raises RehearsalError for a name, a CIDR or a router that another one has."""
        network = ipaddress.ip_network(cidr)
        with self._lock:
            for other in self._found.values():
                if other.name == name or other.router_ip == router_ip or network.overlaps(_parse(other.cidr)):
                    raise RehearsalError(f"The network {name} ({cidr}, {router_ip}) collides with {other.name}.")
            self._found[name] = OwnNetwork(name, cidr, router_ip)
            return self._found[name]

    def add_host(self, network: str, host: Host) -> None:
        """Add a host. Raises RehearsalError for an address outside of the network or one that is taken."""
        with self._lock:
            own = self.get(network)
            if ipaddress.ip_address(host.ip) not in _parse(own.cidr):
                raise RehearsalError(f"{host.id}: {host.ip} is not in {own.cidr}.")
            if taken := [other.id for other in own.hosts.values() if other.ip == host.ip or other.id == host.id]:
                raise RehearsalError(f"{host.id}: {taken[0]} has this name or the address {host.ip}.")
            own.hosts[host.id] = host

    def remove_host(self, network: str, host: str) -> None:
        """Remove a host; harmless when it is gone."""
        with self._lock:
            self.get(network).hosts.pop(host, None)

    def set_routes(self, network: str, destinations: Sequence[str]) -> None:
        """Replace the destinations that the router sends into its tunnels."""
        with self._lock:
            self.get(network).routes = tuple(str(_parse(one)) for one in destinations)

    def get(self, name: str) -> OwnNetwork:
        """Return a network. Raises RehearsalError when there is none."""
        with self._lock:
            if name not in self._found:
                raise RehearsalError(f"There is no network {name} outside of AWS.")
            return self._found[name]

    def list_all(self) -> list[OwnNetwork]:
        """Return all networks."""
        with self._lock:
            return list(self._found.values())

    def find_by_router(self, address: str) -> OwnNetwork | None:
        """Return the network whose router has this public address."""
        return next((one for one in self.list_all() if one.router_ip == address), None)

    def find_host(self, host: str) -> Host | None:
        """Return a host of any network."""
        hosts: Mapping[str, Host] = {name: found for one in self.list_all() for name, found in one.hosts.items()}
        return hosts.get(host)


def _parse(cidr: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(cidr)
