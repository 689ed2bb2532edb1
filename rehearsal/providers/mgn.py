"""AWS MGN: a service of the account itself. It needs no secret, and SourceStack initializes it before it installs the agent."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.component import Component
from rehearsal.providers.interface import AwsClients, ReadSecret
from rehearsal.settings import REGION, Settings


class Mgn:
    """Implements RehearsedProvider."""

    title = "AWS MGN"
    is_agent_last = True
    agent_policies: tuple[str, ...] = ("AWSApplicationMigrationAgentInstallationPolicy",)

    def format_table(self, settings: Settings, source_server_name: str) -> str:
        """Return the table [provider] of migration.toml: the other keys are optional."""
        del settings
        return f"""\
[provider]
kind = "mgn"
source_server_name = "{source_server_name}"
"""

    def set_up(self, settings: Settings, aws: AwsClients) -> None:
        """Do nothing: the account is a new one, in which nobody has opened the console of MGN."""
        del settings, aws

    def get_agent_variables(self, settings: Settings) -> Mapping[str, str]:
        """Return the role of the playbook."""
        del settings
        return {"replication_agent_role": "mgn_agent"}

    def describe(self, settings: Settings) -> list[str]:
        """Return how to look at the source servers: there is no console."""
        del settings
        return [f"AWS MGN: aws mgn describe-source-servers --filters '{{}}' --region {REGION}"]

    def list_components(self, settings: Settings) -> tuple[Component, ...]:
        """Return nothing: MGN is a service of the local AWS."""
        del settings
        return ()

    def read_secrets(self, settings: Settings) -> Mapping[str, ReadSecret]:
        """Return nothing: the installer has the credentials of the machine's role, and the agent's key ends with the agent."""
        del settings
        return {}
