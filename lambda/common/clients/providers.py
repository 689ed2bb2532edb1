"""Create the client of the provider in the settings. The only module of the functions that knows the providers' names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from common.clients import cloudendure, mgn
from common.clients.provider import Clients, Provider
from common.clients.resources import Finding
from common.clock import Clock, SystemClock
from common.errors import ConfigurationError
from common.settings import ClientSettings

PROVIDERS: Mapping[str, Callable[[ClientSettings, Clock, Clients], Provider]] = {
    "cloudendure": cloudendure.create,
    "mgn": mgn.create,
}
"""By CUTOVER_PROVIDER, which is the `kind` of migration.toml."""


STAGING: Mapping[str, Callable[[Clients, Clock, str], list[Finding]]] = {"mgn": mgn.list_staging}
"""What a provider keeps in EC2 for its own work. One that is not here does that with its own credentials."""


SERVERS: Mapping[str, Callable[[Clients, Clock], list[str]]] = {"mgn": mgn.list_source_servers}
"""Names of the servers that a provider replicates, where the account's own rights show them."""


def create_provider(settings: ClientSettings, clock: Clock, clients: Clients) -> Provider:
    """Return the client of the provider. Raises ConfigurationError for one that this release does not have."""
    create = PROVIDERS.get(settings.provider.kind)
    if create is None:
        raise ConfigurationError(
            f"unknown provider {settings.provider.kind!r}",
            next_action=f"set kind in the table [provider] of migration.toml to one of: {', '.join(PROVIDERS)}; then deploy again",
        )
    return create(settings, clock, clients)


def list_staging(kind: str, clients: Clients, clock: Clock, *, source_server_name: str) -> list[Finding] | None:
    """Return what the provider keeps in EC2 for its own work. None: it cannot be seen with the account's own rights."""
    find = STAGING.get(kind)
    return None if find is None else find(clients, clock, source_server_name)


def list_source_servers(kind: str, clients: Clients) -> list[str]:
    """Return the names of the servers that the provider replicates; none when the account's own rights do not show them."""
    find = SERVERS.get(kind)
    return [] if find is None else find(clients, SystemClock())
