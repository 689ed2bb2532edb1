"""The part of a checkpoint that each provider has: what the service keeps about source servers, jobs and replicated disks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from rehearsal import providers
from rehearsal.checkpoint import console, mgn
from rehearsal.checkpoint.context import CheckpointContext
from rehearsal.settings import Settings


class ProviderCheckpoint(Protocol):
    """One module for each provider."""

    def read_variables(self, context: CheckpointContext) -> dict[str, str]:
        """Return the environment that `put_back` needs. Raises RehearsalError when the service does not run."""

    def save(self, context: CheckpointContext) -> None:
        """Save records and replicated disks while the service works. Raises RehearsalError while a job, or the initial sync, is in progress."""

    def clear_faults(self, context: CheckpointContext) -> None:
        """Clear the faults that the service keeps itself."""

    def halt(self, context: CheckpointContext) -> None:
        """End everything that the service does."""

    def put_back(self, context: CheckpointContext, variables: Mapping[str, str]) -> None:
        """Restore records and replicated disks, and let the service work. Call it before the agents boot."""

    def wait_for_consistency(self, context: CheckpointContext, since: datetime) -> None:
        """Wait until every server that replicates is consistent at a time after `since`."""


PARTS: Mapping[str, ProviderCheckpoint] = {"cloudendure": console, "mgn": mgn}
"""By the value of `kind` in migration.toml."""


def find_part(settings: Settings) -> ProviderCheckpoint:
    """Return the part for the provider of the world that runs."""
    return PARTS[providers.read_kind(settings)]
