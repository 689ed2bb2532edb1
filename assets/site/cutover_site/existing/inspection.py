"""What the module of an application returns about an existing installation. `Profile.existing` names the module."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from applications.profile import Profile

from cutover_site.errors import NotConfigured
from cutover_site.existing.data import Folder
from cutover_site.existing.findings import Finding
from cutover_site.existing.host import Account, Host


@dataclass(frozen=True)
class DatabaseAddress:
    """The database that the application uses. `socket`: the path of the Unix socket, then `host` is empty. `user`: its own account."""

    host: str
    port: int
    socket: str
    schemas: tuple[str, ...]
    user: str


@dataclass
class Inspection:
    """An existing installation of the application. `facts` has no secret.

    `is_found`: the application is on this machine. `account`: the user that owns the data; None when it is not known. `database`: None when
    it is not known, or cannot be migrated.
    """

    is_found: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    folders: tuple[Folder, ...] = ()
    account: Account | None = None
    database: DatabaseAddress | None = None


class Inspector(Protocol):
    """The functions of the application's module. They change nothing and import neither boto3 nor requests."""

    def inspect(self, host: Host, profile: Profile, settings: Path | None) -> Inspection:
        """Return what is on this machine. `settings`: the settings file, None to search for it."""


def load_inspector(profile: Profile) -> Inspector:
    """Return the application's module. Raises NotConfigured when the application has none."""
    if not profile.existing:
        raise NotConfigured(
            f"an existing {profile.title} cannot be inspected: its profile names no module for it",
            next_action="migrate an installation that the playbook of this product made",
        )
    return cast("Inspector", importlib.import_module(profile.existing))
