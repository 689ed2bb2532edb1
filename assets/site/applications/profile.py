"""The profile of an application: everything that Cutover must know about it, in one frozen object. Only data: `Profile.tool` names the behaviour.

Paths are relative to the root of the machine's disk, paths in `Files` to `Files.root`. They are equal on source, replica and target.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from applications.parts import (
    HTTP,
    PROTOCOLS,
    TCP,
    Check,
    Database,
    Files,
    Health,
    Image,
    Logs,
    Owner,
    Port,
    Program,
    Proxy,
    Refusal,
    Release,
    Repositories,
    SiteSecret,
)

__all__ = [
    "HTTP",
    "HTTP_PORT",
    "TCP",
    "Check",
    "Database",
    "Files",
    "Health",
    "Image",
    "InvalidProfile",
    "Logs",
    "Owner",
    "Port",
    "Profile",
    "Program",
    "Proxy",
    "Refusal",
    "Release",
    "Repositories",
    "SiteSecret",
]
HTTP_PORT = 80


class InvalidProfile(ValueError):
    """A profile is not consistent. The message has the application and the member."""


@dataclass(frozen=True)
class Profile:
    """One application. `playbook` installs its server, `tool` is the module with its behaviour.

    `existing`: the module that inspects an installation that somebody else made; empty where there is none.

    `demo`: the folder of the assets with its demo content; empty where there is none. `required_checks`: checks of its acceptance suite that no
    setting of a site rules out.
    """

    name: str
    title: str
    release: Release
    units: tuple[str, ...]
    """systemd units of the application; the first one serves users"""
    owner: Owner
    database: Database
    files: Files
    ports: tuple[Port, ...]
    health: Health
    proxy: Proxy
    program: Program
    secret: SiteSecret
    image: Image
    logs: Logs
    playbook: str
    tool: str
    checks: tuple[Check, ...] = ()
    required_checks: tuple[str, ...] = ()
    demo: str = ""
    existing: str = ""

    def __post_init__(self) -> None:
        if problem := next(iter(_find_problems(self)), ""):
            raise InvalidProfile(f"profile {self.name}: {problem}")

    def to_values(self) -> dict[str, Any]:
        """Return the members as plain values for Ansible and Jinja, with the additional keys `http` (that port) and `tcp` (the other ports)."""
        values = {**asdict(self), "http": asdict(self.http), "tcp": [asdict(port) for port in self.tcp]}
        plain: dict[str, Any] = json.loads(json.dumps(values))
        return plain

    @property
    def unit(self) -> str:
        """Return the unit that serves users."""
        return self.units[0]

    @property
    def http(self) -> Port:
        """Return the port for HTTP."""
        return next(port for port in self.ports if port.protocol == HTTP)

    @property
    def tcp(self) -> tuple[Port, ...]:
        """Return the ports that the proxy forwards as TCP. Each public one has its own DNS name and load balancer."""
        return tuple(port for port in self.ports if port.protocol == TCP)

    def get_port(self, name: str) -> Port:
        """Return the port with that name. Raises KeyError."""
        return {port.name: port for port in self.ports}[name]

    @property
    def public_ports(self) -> tuple[Port, ...]:
        """Return the ports that are open to the internet."""
        return tuple(port for port in self.ports if port.public)


def _find_problems(profile: Profile) -> Iterable[str]:
    if not profile.units:
        yield "units names no unit"
    if not profile.database.schemas:
        yield "database.schemas names no schema"
    for port in profile.ports:
        if port.protocol not in PROTOCOLS:
            yield f"port {port.name} has the protocol {port.protocol}, expected http or tcp"
        if not re.fullmatch(r"[a-z][a-z0-9]*", port.name):
            yield f"port {port.name!r} must have a name of small letters and digits, because stored names begin with it"
    if [port.protocol for port in profile.ports if port.public].count(HTTP) != 1:
        yield "ports has not exactly one public port for HTTP"
    elif profile.http.number != HTTP_PORT:
        yield f"the port for HTTP is {profile.http.number}, expected {HTTP_PORT}: the site's URL has no port"
    for what in ("name", "number", "upstream"):
        values = [getattr(port, what) for port in profile.ports]
        if len(set(values)) < len(values):
            yield f"two ports have the same {what}"
    if profile.files.root.startswith("/") or not profile.files.root:
        yield f"files.root is {profile.files.root!r}, expected a path relative to the root of the disk"
    if profile.program.root.startswith("/") or not profile.program.root:
        yield f"program.root is {profile.program.root!r}, expected a path relative to the root of the disk"
