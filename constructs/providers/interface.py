"""What the stacks need to know of a provider. Everything else about it stays in its own package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_


@dataclass(frozen=True, kw_only=True)
class ReplicationPort:
    """A TCP port of the provider's replication servers that takes blocks from agents."""

    construct_id: str
    """of the rule that opens it"""
    number: int
    description: str


@dataclass(frozen=True, kw_only=True)
class AgentInstallation:
    """How the demo source gets the provider's agent: an Ansible role of assets/ansible, and its variables."""

    role: str
    variables: Mapping[str, str | int | bool]
    """names and addresses, never a secret"""


class Provider(Protocol):
    """One provider with the settings of its table in migration.toml."""

    @property
    def kind(self) -> str:
        """The name under which the functions find their client: common.clients.providers."""
        ...

    @property
    def source_server_name(self) -> str:
        """The provider's name of the server to migrate."""
        ...

    @property
    def function_settings(self) -> Mapping[str, object]:
        """What the functions' client of this provider reads, as values of JSON. It holds names of secrets, never a secret."""
        ...

    @property
    def replication_ports(self) -> tuple[ReplicationPort, ...]:
        """Ports that the source server's agent must reach on the replication servers."""
        ...

    @property
    def event_pattern(self) -> events.EventPattern | None:
        """The events of the default event bus after which the procedure reads the provider's API at once, None for a provider that sends none.

        The resources of such an event are ARNs that end with the id of a source server.
        """
        ...

    @property
    def needs_initialization(self) -> bool:
        """Return whether the account must be prepared before it can accept the first agent."""
        ...

    # Each grant acknowledges what cdk-nag finds on it. No function gets two of the next four.

    def grant_initialization(self, function: lambda_.Function) -> None:
        """Allow the function to prepare the provider for the first agent."""
        ...

    def grant_launch(self, function: lambda_.Function, *, replica_profile: iam.InstanceProfile) -> None:
        """Allow the function to observe, launch and remove replicas. They start with the role of `replica_profile`."""
        ...

    def grant_removal(self, function: lambda_.Function) -> None:
        """Allow the function to observe replicas and to remove them."""
        ...

    def grant_replication_settings(self, function: lambda_.Function) -> None:
        """Allow the function to prepare the provider and to set replication settings."""
        ...

    def describe_agent(self) -> AgentInstallation:
        """Return how the agent comes to the source server."""
        ...

    def grant_agent_installation(self, role: iam.Role, *, policy: iam.Policy) -> None:
        """Allow the source server to install the agent. Statements belong in `policy`, a managed policy on its `role`."""
        ...
