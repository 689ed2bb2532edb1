"""What the rehearsal needs to know about a provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from rehearsal.component import Component
from rehearsal.settings import Settings

ReadSecret = Callable[[], Mapping[str, str]]
"""Returns a secret as an object. Fields that everybody may know are among its fields (job/secrecy/values.py)."""


class AwsClients(Protocol):
    """Makes boto3 clients with the account's own keys: what an operator does in the console of AWS."""

    def make_client(self, service: str) -> Any:
        """Return a client of a service."""


class RehearsedProvider(Protocol):
    """One replication service."""

    title: str
    """how people call it"""
    is_agent_last: bool
    """ReplicationStack initializes the service, so the agent of an existing source is installed after it"""
    agent_policies: tuple[str, ...]
    """managed policies that the role of an existing source needs for the installation of the agent"""

    def format_table(self, settings: Settings, source_server_name: str) -> str:
        """Return the table [provider] of migration.toml."""

    def set_up(self, settings: Settings, aws: AwsClients) -> None:
        """Do what the operator of a new account does once, before the first deploy. It may be repeated."""

    def get_agent_variables(self, settings: Settings) -> Mapping[str, str]:
        """Return the variables with which the playbooks install the agent on a server that no stack creates."""

    def describe(self, settings: Settings) -> list[str]:
        """Return lines for the operator of a world that runs."""

    def list_components(self, settings: Settings) -> tuple[Component, ...]:
        """Return the processes that the service needs besides the local AWS."""

    def read_secrets(self, settings: Settings) -> Mapping[str, ReadSecret]:
        """Return what the provider keeps outside of AWS, for the search for leaks: name of the keeper -> how to read its secret."""
