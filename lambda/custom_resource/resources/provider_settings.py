"""Custom::ProviderSettings: where the provider puts its replication servers. Launch settings belong to each launch."""

from __future__ import annotations

import json
from dataclasses import dataclass

from common.clients.provider import Provider
from common.errors import ConfigurationError

from custom_resource.event import Progress, Request, Started


@dataclass(frozen=True, kw_only=True)
class ProviderSettingsResource:
    provider: Provider

    def start(self, request: Request) -> Started:
        """Property `Configuration`: JSON text, because CloudFormation turns every number and truth value into a string."""
        physical_id = request.physical_id or "provider-settings"
        if request.kind != "Delete":  # replication that runs must not lose its settings with the stack
            try:
                wanted = json.loads(str(request.properties["Configuration"]))
            except ValueError as error:
                raise ConfigurationError(f"Configuration is not JSON: {error}") from error
            self.provider.configure_replication(wanted)
        return Started(physical_id=physical_id)

    def progress(self, request: Request) -> Progress:  # noqa: ARG002 (the interface's)
        return Progress(complete=True)
