"""The interface of a server replication service. Its terms are source server, launch settings and replication settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from common.run import Launch
from common.settings import LaunchSettings

Clients = Callable[[str], Any]
"""Returns the boto3 client of a service of AWS, by its name."""


class JobStatus(StrEnum):
    """What a job of the provider does. Each provider maps its own states to these."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True, kw_only=True)
class SourceServer:
    """The server to migrate, as the provider knows it."""

    source_server_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Both empty: the source server may be launched. `waiting` passes by itself with time, `blocked` needs a person."""

    waiting: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """what an operator must know although the launch may begin"""
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Job:
    """A launch, or the removal of a replica."""

    job_id: str
    status: JobStatus
    log: tuple[str, ...] = ()
    """the provider's own words, oldest first"""
    warnings: tuple[str, ...] = ()
    """what an operator must know although the job succeeded"""


@dataclass(frozen=True, kw_only=True)
class ReplicationSettings:
    """Where the provider puts its replication servers, and how agents reach them."""

    subnet_id: str
    security_group_ids: tuple[str, ...]
    use_private_ip: bool
    """Blocks travel over the private network, not over the internet."""


class Provider(Protocol):
    """Every method raises RetryableProviderError when the provider cannot be reached or is busy, StepFailed for all else."""

    @property
    def operator_tool(self) -> str:
        """What an operator opens to see and correct what the provider does; completes "look at it in …"."""
        ...

    def initialize(self, defaults: ReplicationSettings) -> Mapping[str, Any]:
        """Prepare the provider in this account and region for the first agent, if it needs that. Return what exists then. Idempotent.

        `defaults`: for a provider that has no replication settings yet; those that exist stay. StepFailed names each part that is missing.
        """
        ...

    def find_source_server(self, name: str) -> SourceServer:
        """Return the one source server of that name. StepFailed when there is none, or more than one."""
        ...

    def check_readiness(self, source_server_id: str, *, tested: bool) -> Readiness:
        """Return whether the source server may be launched. `tested`: demand an earlier TEST launch."""
        ...

    def prepare_launch(
        self, source_server_id: str, *, launch_settings: LaunchSettings, tags: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """Set placement and tags of the next launch, keep every other launch setting. Return what was set. Idempotent."""
        ...

    def mark_ready_for_cutover(self, source_server_id: str) -> Mapping[str, Any]:
        """Record that the test was accepted, if the provider requires that before a CUTOVER launch. Return the state then. Idempotent.

        Nothing reverses it and nothing needs to: a launch sets the state that it needs.
        """
        ...

    def launch(self, source_server_id: str, kind: Launch, *, since: float) -> str:
        """Start a launch and return the job's id. A repeated call launches once.

        It adopts a launch of this kind that was started after `since` (epoch).
        """
        ...

    def read_job(self, job_id: str) -> Job:
        """Return what the job does. The result may be some seconds old while the job runs, or a minute if its end is an event."""
        ...

    def refresh(self) -> None:
        """Forget results that were kept, because an event has announced a change."""
        ...

    def find_launched_instance(self, source_server_id: str) -> str:
        """Return the EC2 instance id of the source server's replica, empty when there is none."""
        ...

    def find_launch_job(self, source_server_id: str) -> str:
        """Return the source server's launch job that still works, empty when there is none. Its replica cannot be removed before."""
        ...

    def find_last_launch(self, source_server_id: str) -> str:
        """Return the source server's latest launch job of either kind, ended or not. Empty when the provider has none of the last two days.

        A launch replaces the replica of an earlier one, so the source server's replica is that of this job.
        """
        ...

    def remove_replica(self, source_server_id: str) -> str:
        """Remove the source server's replica. Return the job to wait for, empty when there is nothing to remove. Works after `finalize` too."""
        ...

    def finalize(self, source_server_id: str) -> Mapping[str, Any]:
        """End the replication of the source server for good. NOT REVERSIBLE: the server cannot be launched again. Idempotent.

        Return what ended, empty when the provider has no such act. The replica stays.
        """
        ...

    def configure_replication(self, settings: ReplicationSettings) -> Mapping[str, Any]:
        """Set where replication servers are put, keep every other replication setting. Return all of them. Idempotent."""
        ...
