"""Which provider the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.clients.cloudendure import CloudEndure, ConsoleSession
from common.clients.provider import Provider
from common.clients.secrets import console_credentials
from common.clock import Clock
from common.errors import ConfigurationError
from common.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def provider(settings: Settings, clock: Clock, secrets: SecretsManagerClient) -> Provider:
    wanted = settings.provider
    if wanted.kind != "cloudendure":
        raise ConfigurationError(f"unknown provider {wanted.kind!r}", next_action="use cloudendure")
    console = ConsoleSession(wanted.url, lambda: console_credentials(secrets, wanted.secret), clock=clock)
    return CloudEndure(console, wanted.project, consistency_age=settings.limits.consistency_age, clock=clock)
