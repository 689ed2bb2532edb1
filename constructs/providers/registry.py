"""Which construct-side package belongs to which settings. The only place here that names providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from settings.providers import ProviderModel

from providers.cloudendure import CloudEndure
from providers.interface import Provider
from providers.mgn import Mgn

PROVIDERS: Mapping[str, Callable[[Any], Provider]] = {"cloudendure": CloudEndure, "mgn": Mgn}
"""By `kind`. Each takes the settings of that kind."""


def create_provider(settings: ProviderModel) -> Provider:
    """Return the provider that the table [provider] names."""
    return PROVIDERS[settings.kind](settings)
