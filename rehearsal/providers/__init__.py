"""The replication services that a rehearsal can migrate with: what is different for each of them outside of the service itself.

The services are `rehearsal.cloudendure` and `rehearsal.aws.mgn`. The rest of the rehearsal asks `load` and names none.
"""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.providers.cloudendure import CloudEndure
from rehearsal.providers.interface import RehearsedProvider
from rehearsal.providers.mgn import Mgn
from rehearsal.settings import Settings

__all__ = ["PROVIDERS", "RehearsedProvider", "load"]

PROVIDERS: Mapping[str, RehearsedProvider] = {"cloudendure": CloudEndure(), "mgn": Mgn()}
"""By the value of `kind` in migration.toml."""


def load(settings: Settings) -> RehearsedProvider:
    """Return the provider of this world."""
    return PROVIDERS[settings.provider]
