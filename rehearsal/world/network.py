"""Network of a world: a router namespace, one namespace and veth per endpoint, an internet with a client in it.

All packets pass the router, where nftables keeps security groups, routes and public addresses (see firewall).
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from rehearsal.settings import Settings
from rehearsal.world.firewall import Rules

CLIENT = "client"
"""Endpoint on the internet side: what a user's browser is. Its address is CLIENT_IP."""
CLIENT_IP = "198.51.100.10"


class Network:
    """Thread-safe. Endpoints are named by the instance id, or a name of your own for appliances ("alb-x-1")."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def attach(self, name: str, ip: str) -> str:
        """Make the endpoint's namespace and route its address; returns the namespace's name. Nothing passes before `apply`."""
        raise NotImplementedError

    def detach(self, name: str) -> None:
        """Remove the endpoint; harmless when it is gone."""
        raise NotImplementedError

    def apply(self, rules: Rules) -> None:
        """Replace all rules in one transaction. Connections that are open stay open, as on AWS."""
        raise NotImplementedError

    def dropped(self) -> list[dict[str, str]]:
        """What was refused lately: {"source", "destination", "protocol", "port"}; for people who look for a missing rule."""
        raise NotImplementedError

    def popen(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdout: int | IO[Any] | None = None,
        stderr: int | IO[Any] | None = None,
        cwd: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process of the host inside an endpoint's namespace (balancers, DMS engine, Lambdas in a VPC)."""
        raise NotImplementedError
