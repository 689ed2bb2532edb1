"""What the module of an application proposes for the adoption of its installation. `Profile.existing` names the module."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

from applications.installation import Installation
from applications.profile import Profile

from cutover_site.existing.host import Host
from cutover_site.existing.inspection import DatabaseAddress
from cutover_site.layout import Layout


@dataclass(frozen=True)
class SettingsChange:
    """The application's settings file. `lines`: what changes in it, for people, without a secret."""

    path: str
    content: bytes = field(repr=False)
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """`settings`: lets the application listen at ports of its own, behind the proxy. `environment`: variables that its unit needs.

    `identity_headers`: headers with a user's name that the proxy must delete. `warnings`: what changes for the users of the site.
    `dns_names`: public names by the name of a port that is not HTTP.
    """

    installation: Installation
    settings: SettingsChange
    site_url: str
    dns_names: Mapping[str, str]
    database: DatabaseAddress
    environment: Mapping[str, str] = field(default_factory=dict)
    identity_headers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Proposer(Protocol):
    """The functions of the application's module. They change nothing."""

    def propose(self, host: Host, profile: Profile, settings: Path | None) -> Proposal:
        """Return the proposal for the installation of this machine. `settings`: its settings file, None to search for it.

        Raises NotConfigured when there is none, or when its settings cannot be changed.
        """

    def resume_settings(self, layout: Layout) -> None:
        """Undo what a freeze changed in the settings file for its time, if it is still changed."""

    def revert_settings(self, current: bytes, before: bytes, adopted: bytes) -> bytes:
        """Return the settings of `current` without what the adoption changed from `before` to `adopted`."""


def load_proposer(profile: Profile) -> Proposer:
    """Return the application's module."""
    return cast("Proposer", importlib.import_module(profile.existing))
