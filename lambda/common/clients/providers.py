"""Create the client of the provider in the settings. The only module of the functions that knows the providers' names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from common.clients import cloudendure, mgn
from common.clients.provider import Clients, Provider
from common.clock import Clock
from common.errors import ConfigurationError
from common.settings import ClientSettings

PROVIDERS: Mapping[str, Callable[[ClientSettings, Clock, Clients], Provider]] = {
    "cloudendure": cloudendure.create,
    "mgn": mgn.create,
}
"""By CUTOVER_PROVIDER, which is the `kind` of migration.toml."""


def create_provider(settings: ClientSettings, clock: Clock, clients: Clients) -> Provider:
    """Return the client of the provider. Raises ConfigurationError for one that this release does not have."""
    create = PROVIDERS.get(settings.provider.kind)
    if create is None:
        raise ConfigurationError(
            f"unknown provider {settings.provider.kind!r}",
            next_action=f"set kind in the table [provider] of migration.toml to one of: {', '.join(PROVIDERS)}; then deploy again",
        )
    return create(settings, clock, clients)
