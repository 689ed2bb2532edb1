"""The replication services that a rehearsal can migrate with: what is different for each of them outside of the service itself.

The services are `rehearsal.cloudendure` and `rehearsal.aws.mgn`. The rest of the rehearsal asks `load` or `read` and names none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

from rehearsal.errors import RehearsalError
from rehearsal.providers.cloudendure import CloudEndure
from rehearsal.providers.interface import RehearsedProvider
from rehearsal.providers.mgn import Mgn
from rehearsal.settings import Settings

__all__ = ["PROVIDERS", "RehearsedProvider", "find", "load", "read", "read_kind"]

PROVIDERS: Mapping[str, RehearsedProvider] = {"cloudendure": CloudEndure(), "mgn": Mgn()}
"""By the value of `kind` in migration.toml."""


def load(settings: Settings) -> RehearsedProvider:
    """Return the provider of the world that these settings start."""
    return PROVIDERS[settings.provider]


def read(settings: Settings) -> RehearsedProvider:
    """Return the provider of the world that runs. Raises RehearsalError."""
    return PROVIDERS[read_kind(settings)]


def read_kind(settings: Settings) -> str:
    """Return the kind of the provider of the world that runs, which its migration.toml names. Raises RehearsalError."""
    try:
        table = tomllib.loads((settings.home / "migration.toml").read_text())["provider"]
    except FileNotFoundError:
        raise RehearsalError(f"{settings.home} has no migration.toml yet: start the world.") from None
    return str(table["kind"])


def find(settings: Settings) -> RehearsedProvider:
    """Return the provider of the world in this folder, and of one that has no settings yet the one that it is started with."""
    return read(settings) if (settings.home / "migration.toml").is_file() else load(settings)
