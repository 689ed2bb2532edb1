"""CloudEndure Migration: a console with a project, an agent on the source server, replication servers in the destination's subnet."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from settings.providers.cloudendure import CloudEndureSettings

from providers.interface import AgentInstallation, ReplicationPort
from providers.secrets import grant_read

BLOCKS = ReplicationPort(construct_id="Agent", number=1500, description="Source: sends its blocks")


class CloudEndure:
    """Implements providers.Provider. The console is no service of AWS: anyone with its credentials can use it."""

    def __init__(self, settings: CloudEndureSettings) -> None:
        self._settings = settings
        self.kind: str = settings.kind
        self.source_server_name: str = settings.source_server_name
        self.replication_ports = (BLOCKS,)
        self.event_pattern = None
        self.needs_initialization = False

    @property
    def function_settings(self) -> Mapping[str, object]:
        """Keys of common.clients.cloudendure.settings.ConsoleSettings."""
        return {
            "console_url": self._settings.url,
            "project": self._settings.project,
            "credentials_secret": self._settings.credentials_secret,
        }

    def grant_initialization(self, function: lambda_.Function) -> None:
        """Grant nothing: a project of the console needs no preparation."""

    def grant_launch(self, function: lambda_.Function, *, replica_profile: iam.InstanceProfile) -> None:  # noqa: ARG002 (the interface's)
        """Allow the function to read the console's credentials. The console launches with AWS credentials of its own."""
        self._grant_credentials(function)

    def grant_removal(self, function: lambda_.Function) -> None:
        """Allow the function to read the console's credentials."""
        self._grant_credentials(function)

    def grant_replication_settings(self, function: lambda_.Function) -> None:
        """Allow the function to read the console's credentials."""
        self._grant_credentials(function)

    def describe_agent(self) -> AgentInstallation:
        """Return the role `cloudendure_agent`, which reads the project's installation token."""
        return AgentInstallation(
            role="cloudendure_agent",
            variables={
                "source_server_name": self._settings.source_server_name,
                "cloudendure_installer_url": self._settings.installer_url,
                "cloudendure_token_secret": self._settings.installation_token_secret,
            },
        )

    def grant_agent_installation(self, role: iam.Role, *, policy: iam.Policy) -> None:  # noqa: ARG002 (the interface's)
        """Allow the server to read the project's installation token."""
        grant_read(policy, "InstallationToken", name=self._settings.installation_token_secret, grantee=policy)

    def _grant_credentials(self, function: lambda_.Function) -> None:
        grant_read(function, "ConsoleCredentials", name=self._settings.credentials_secret, grantee=function)
