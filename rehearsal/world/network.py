"""Network of a world: a router namespace, one namespace and veth per endpoint, an internet with a client in it.

All packets pass the router, where nftables keeps security groups, routes and public addresses (see firewall).
The host's own namespace takes no part in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from rehearsal.errors import RehearsalError
from rehearsal.settings import MARK, Settings
from rehearsal.world import namespaces
from rehearsal.world.firewall import Rules
from rehearsal.world.ruleset import METADATA_IP, PERMANENT, REFUSED_SET, REFUSED_TABLE, render_ruleset
from rehearsal.world.shell import run

CLIENT = "client"
"""Endpoint on the internet side: what a user's browser is. Its address is CLIENT_IP."""
CLIENT_IP = "198.51.100.10"
RESOLVER_IP = "169.254.169.253"
AWS_IP = "198.51.100.20"
"""On the internet side: the public address of AWS's endpoints."""
_GATEWAY = "169.254.1.1"
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def compute_hardware_address(name: str) -> str:
    """Return the address of an endpoint's interface: always the same, as that of a machine, and locally administered (IEEE 802)."""
    digest = hashlib.sha256(name.encode()).digest()
    return ":".join(f"{byte:02x}" for byte in (0x02, *digest[:5]))


class Network:
    """Thread-safe. Endpoints are named by the instance id, or a name of your own for appliances ("alb-x-1")."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._router = settings.name_namespace("router")
        self._internet = settings.name_namespace("internet")
        self._lock = threading.RLock()
        self._devices: dict[str, str] = {}
        self._addresses: dict[str, str] = {}

    def open(self) -> None:
        """Make the router, the internet and the client on it. Until `apply` nothing passes between VPC endpoints."""
        for namespace in (self._router, self._internet):
            namespaces.create(namespace)
            namespaces.run_inside(namespace, _route_packets)
            self._run_batch(namespace, *(f"addr add {address}/32 dev lo" for address in (METADATA_IP, RESOLVER_IP)))
        self._run_batch(self._internet, f"addr add {AWS_IP}/32 dev lo")
        _run_ip(
            "link", "add", "internet", "netns", self._router, "type", "veth", "peer", "router", "netns", self._internet
        )
        self._run_batch(self._router, "addr add 169.254.255.1/30 dev internet", "link set internet up")
        self._run_batch(self._internet, "addr add 169.254.255.2/30 dev router", "link set router up")
        blackholes = [f"route add blackhole {network}" for network in _PRIVATE]
        self._run_batch(self._router, "route add default via 169.254.255.2", *blackholes)
        self._run_batch(self._internet, "route add default via 169.254.255.1")
        self._run_nft(PERMANENT)
        self.apply(Rules())
        self._join(CLIENT, CLIENT_IP, self._internet)

    def close(self) -> None:
        """Remove every namespace of the world, with all that is in it."""
        with self._lock:
            self._devices.clear()
            for namespace in namespaces.list_existing(self.settings.name_namespace("")):
                namespaces.delete(namespace)

    def attach(self, name: str, ip: str) -> str:
        """Make the endpoint's namespace and route its address; returns its namespace. Nothing passes before `apply`."""
        with self._lock:
            self._devices[name] = self._join(name, ip, self._router)
        return self.settings.name_namespace(name)

    def detach(self, name: str) -> None:
        """Remove the endpoint; harmless when it is gone."""
        with self._lock:
            device = self._devices.pop(name, None)
            if device:
                # It would go with its namespace, but some time later: until then the name could not be attached again.
                run("ip", "-n", self._router, "link", "delete", device, accept=(0, 1))
            self._addresses = {ip: owner for ip, owner in self._addresses.items() if owner != name}
            namespaces.delete(self.settings.name_namespace(name))

    def create_hubs(self) -> tuple[str, str]:
        """Return the namespaces in which 169.254.169.254 and .253 are local. Every endpoint is next to one of them."""
        return self._router, self._internet

    @property
    def internet(self) -> str:
        """Return the namespace that is the internet. AWS_IP is local there."""
        return self._internet

    def find_endpoint(self, ip: str) -> str | None:
        """Return the endpoint that has this address."""
        with self._lock:
            return self._addresses.get(ip)

    def list_attached(self) -> list[str]:
        """Return the names of the endpoints that are attached to the router."""
        with self._lock:
            return list(self._devices)

    def apply(self, rules: Rules) -> None:
        """Replace all rules in one transaction. Connections that are open stay open, as on AWS.

        Interfaces that are not attached take no part. Raises RehearsalError for rules that contradict themselves.
        """
        with self._lock:
            self._run_nft(render_ruleset(rules, self._devices))

    def list_dropped(self) -> list[dict[str, str]]:
        """Return what was refused within the last hour: {"source", "destination", "protocol", "port"}."""
        text = run(*self._build_nft_command(), "-j", "list", "set", "ip", REFUSED_TABLE, REFUSED_SET)
        found = [entry["set"] for entry in json.loads(text)["nftables"] if "set" in entry]
        names = ("source", "destination", "protocol", "port")
        return [
            dict(zip(names, map(str, element["elem"]["val"]["concat"]), strict=True))
            for entry in found
            for element in entry.get("elem", [])
        ]

    def build_prefix(self, name: str) -> list[str]:
        """Return the prefix of a host command that runs it in the endpoint's namespace, with its resolver."""
        return ["ip", "netns", "exec", self.settings.name_namespace(name)]

    def start_process(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdout: int | IO[Any] | None = None,
        stderr: int | IO[Any] | None = None,
        cwd: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process of the host inside an endpoint's namespace (balancers, DMS engine, Lambdas in a VPC).

        It has a session of its own, so that Ctrl-C at the terminal does not reach it.
        """
        environment = None if env is None else {**env, MARK: self.settings.mark}
        return subprocess.Popen(
            [*self.build_prefix(name), *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            cwd=cwd,
            start_new_session=True,
        )

    def _join(self, name: str, ip: str, hub: str) -> str:
        namespace, device = self.settings.name_namespace(name), f"v{self.settings.name_interface(name)}"
        if (owner := self._addresses.get(ip)) is not None:
            raise RehearsalError(f"{name} cannot have the address {ip}: {owner} has it.")
        namespaces.create(namespace)
        try:
            _run_ip("link", "add", device, "netns", hub, "type", "veth", "peer", "eth0", "netns", namespace)
            address = f"link set eth0 address {compute_hardware_address(name)}"
            up = [
                address,
                f"addr add {ip}/32 dev eth0",
                "link set eth0 up",
                f"route add {_GATEWAY} dev eth0 scope link",
            ]
            self._run_batch(namespace, *up, f"route add default via {_GATEWAY} dev eth0 src {ip}")
            self._run_batch(hub, f"addr add {_GATEWAY}/32 dev {device}", f"link set {device} up")
            self._run_batch(hub, f"route add {ip}/32 dev {device}")
            resolver = namespaces.RESOLVER_FOLDER / namespace
            resolver.mkdir(parents=True, exist_ok=True)
            (resolver / "resolv.conf").write_text(f"nameserver {RESOLVER_IP}\n")
        except BaseException:
            with contextlib.suppress(Exception):
                namespaces.delete(namespace)
            raise
        self._addresses[ip] = name
        return device

    def _run_batch(self, namespace: str, *lines: str) -> None:
        run("ip", "-n", namespace, "-batch", "-", text="\n".join(lines) + "\n")

    def _build_nft_command(self) -> list[str]:
        return ["ip", "netns", "exec", self._router, "nft"]

    def _run_nft(self, text: str) -> None:
        run(*self._build_nft_command(), "-f", "-", text=text)


def _run_ip(*words: str) -> None:
    run("ip", *words)


def _route_packets() -> None:
    namespaces.set_sysctl("net/ipv4/ip_forward", "1")
    for scope in ("all", "default"):
        namespaces.set_sysctl(f"net/ipv4/conf/{scope}/rp_filter", "0")
        namespaces.set_sysctl(f"net/ipv4/conf/{scope}/send_redirects", "0")
