"""Custom::ProviderInitialization and Custom::ProviderSettings.

The first prepares the provider for the first agent. The second also sets the replication settings. Launch settings belong to each launch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from common.clients.provider import Provider, ReplicationSettings
from common.errors import ConfigurationError

from custom_resource.event import Progress, Request, Started


@dataclass(frozen=True, kw_only=True)
class ProviderInitializationResource:
    """The provider accepts agents. What it prepares in the account outlives the resource, because other migrations may use it."""

    provider: Provider

    def start(self, request: Request) -> Started:
        if request.kind != "Delete":
            self.provider.initialize(_parse(request.properties))
        return Started(physical_id=request.physical_id or "provider-initialization")

    def check_progress(self, request: Request) -> Progress:  # noqa: ARG002 (the interface's)
        return Progress(complete=True)


@dataclass(frozen=True, kw_only=True)
class ProviderSettingsResource:
    """The provider has the replication settings of the site."""

    provider: Provider

    def start(self, request: Request) -> Started:
        """Prepare the provider and write its replication settings.

        The property `Configuration` is JSON text, because CloudFormation turns every number and truth value into a string.
        """
        physical_id = request.physical_id or "provider-settings"
        if request.kind != "Delete":  # replication that runs must not lose its settings with the stack
            wanted = _parse(request.properties)
            self.provider.initialize(wanted)
            self.provider.configure_replication(wanted)
        return Started(physical_id=physical_id)

    def check_progress(self, request: Request) -> Progress:  # noqa: ARG002 (the interface's)
        return Progress(complete=True)


def _parse(properties: Mapping[str, Any]) -> ReplicationSettings:
    """Return the settings of the property `Configuration`. Raises ConfigurationError for what the construct ProviderSettings does not write."""
    try:
        given = json.loads(str(properties["Configuration"]))
    except ValueError as error:
        raise ConfigurationError(f"Configuration is not JSON: {error}") from error
    names = {one.name for one in fields(ReplicationSettings)}
    if not isinstance(given, dict) or set(given) != names:
        raise ConfigurationError(f"Configuration must be a JSON object with the keys {', '.join(sorted(names))}")
    return ReplicationSettings(
        subnet_id=str(given["subnet_id"]),
        security_group_ids=tuple(map(str, given["security_group_ids"])),
        use_private_ip=bool(given["use_private_ip"]),
    )
