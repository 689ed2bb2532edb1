"""The providers that migration.toml may name. `kind` distinguishes them."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import Discriminator, Tag

from settings.providers.base import ProviderModel
from settings.providers.cloudendure import CloudEndureSettings
from settings.providers.mgn import MgnSettings

DEFAULT_KIND = "cloudendure"
"""For files of the releases that knew one provider: they may leave `kind` out."""


def get_kind(table: Any) -> Any:
    """Return the kind that a table [provider] names, whether it is read from the file or already a model."""
    return table.get("kind", DEFAULT_KIND) if isinstance(table, dict) else getattr(table, "kind", None)


ProviderSettings = Annotated[
    Annotated[CloudEndureSettings, Tag("cloudendure")] | Annotated[MgnSettings, Tag("mgn")],
    Discriminator(get_kind),
]


def list_models(annotation: Any) -> list[type[ProviderModel]]:
    """Return the members of a union of providers."""
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, ProviderModel) else []
    return [model for part in get_args(annotation) for model in list_models(part)]


def get_kind_of(model: type[ProviderModel]) -> str:
    """Return the kind of provider that a model describes."""
    return str(get_args(model.model_fields["kind"].annotation)[0])


def list_keys(model: type[ProviderModel]) -> set[str]:
    """Return the keys that the provider's table may have in the file, former ones too."""
    keys = set(model.model_fields)
    for field in model.model_fields.values():
        keys |= {str(choice) for choice in getattr(field.validation_alias, "choices", ())}
    return keys
