"""CloudEndure: a console outside of AWS, with an account of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from rehearsal.cloudendure.demo import PROJECT
from rehearsal.component import Component
from rehearsal.errors import RehearsalError
from rehearsal.providers.interface import AwsClients, ReadSecret
from rehearsal.settings import Settings

CREDENTIALS_SECRET = "cutover/console"
TOKEN_SECRET = "cutover/agent-token"


class CloudEndure:
    """Implements RehearsedProvider."""

    title = "CloudEndure"
    is_agent_last = False
    agent_policies: tuple[str, ...] = ()

    def format_table(self, settings: Settings, source_server_name: str) -> str:
        """Return the table [provider] of migration.toml."""
        return f"""\
[provider]
kind = "cloudendure"
console_url = "{settings.console_url}"
project = "{PROJECT}"
source_server_name = "{source_server_name}"
credentials_secret = "{CREDENTIALS_SECRET}"
installation_token_secret = "{TOKEN_SECRET}"
"""

    def set_up(self, settings: Settings, aws: AwsClients) -> None:
        """Put what the console and its agents ask for into Secrets Manager, under the names of migration.toml."""
        known = read_credentials(settings)
        login = {"username": known["username"], "password": known["password"]}
        client = aws.make_client("secretsmanager")
        for name, value in ((CREDENTIALS_SECRET, json.dumps(login)), (TOKEN_SECRET, known["agent_installation_token"])):
            try:
                client.create_secret(Name=name, SecretString=value)
            except client.exceptions.ResourceExistsException:
                client.put_secret_value(SecretId=name, SecretString=value)

    def get_agent_variables(self, settings: Settings) -> Mapping[str, str]:
        """Return the role of the playbook, the address of the installer, and the name of the token's secret."""
        return {
            "replication_agent_role": "cloudendure_agent",
            "cloudendure_installer_url": f"{settings.console_url}/installer_linux.py",
            "cloudendure_token_secret": TOKEN_SECRET,
        }

    def describe(self, settings: Settings) -> list[str]:
        """Return the address of the console, its user, and the file of the password."""
        known = read_credentials(settings)
        return [
            f"console: {settings.console_url}, project {known['project_name']}, user {known['username']},"
            f" password in {_locate_credentials_file(settings)}"
        ]

    def list_components(self, settings: Settings) -> tuple[Component, ...]:
        """Return the console's process."""
        return (describe_console(settings),)

    def read_secrets(self, settings: Settings) -> Mapping[str, ReadSecret]:
        """Return the console's account, with the token of its agents."""
        return {"console": partial(read_credentials, settings)}


def describe_console(settings: Settings) -> Component:
    """Return the console as a component of a world."""
    return Component("cloudendure", "rehearsal.cloudendure", settings.console_port, grace=10.0)


def read_credentials(settings: Settings) -> dict[str, str]:
    """Return the demo account of the console, which makes one for each world. Raises RehearsalError before its first start."""
    try:
        found: dict[str, str] = json.loads(_locate_credentials_file(settings).read_text())
    except FileNotFoundError:
        raise RehearsalError(f"The console of {settings.home} has not made its demo account yet.") from None
    return found


def _locate_credentials_file(settings: Settings) -> Path:
    return settings.home / "cloudendure" / "credentials.json"
