"""The providers that migration.toml may name. `kind` distinguishes them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from settings.kinds import read_kind
from settings.providers.cloudendure import CloudEndureSettings
from settings.providers.mgn import MgnSettings

DEFAULT_KIND = "cloudendure"
"""For files of the releases that knew one provider: they may leave `kind` out."""


def get_kind(table: Any) -> Any:
    """Return the kind that a table [provider] names, whether it is read from the file or already a model."""
    return read_kind(table, DEFAULT_KIND)


ProviderSettings = Annotated[
    Annotated[CloudEndureSettings, Tag("cloudendure")] | Annotated[MgnSettings, Tag("mgn")],
    Discriminator(get_kind),
]
