"""The small interface of a server replication service, and the words it is spoken in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from common.run import Launch
from common.settings import Replica


class JobStatus(StrEnum):
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True, kw_only=True)
class Machine:
    machine_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Both empty: the machine may be launched. `waiting` passes by itself with time, `blocked` needs a person."""

    waiting: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Job:
    job_id: str
    status: JobStatus
    log: tuple[str, ...] = ()
    """the provider's own words, oldest first"""


class Provider(Protocol):
    """Every method raises RetryableProviderError when the console cannot be reached or is busy, StepFailed for all else."""

    def find_machine(self, name: str) -> Machine:
        """The one machine of that name. StepFailed when there is none, or more than one."""
        ...

    def readiness(self, machine_id: str, *, tested: bool) -> Readiness:
        """`tested`: demand an earlier TEST launch."""
        ...

    def prepare_launch(self, machine_id: str, *, replica: Replica, tags: Mapping[str, str]) -> Mapping[str, Any]:
        """Sets placement and tags of the next launch, keeps every other launch setting. Answers what it set. Idempotent."""
        ...

    def launch(self, machine_id: str, kind: Launch, *, since: float) -> str:
        """Starts a launch, or adopts the machine's launch of this kind that was started after `since` (epoch): a repeated call launches once."""
        ...

    def job(self, job_id: str) -> Job: ...

    def launched_instance(self, machine_id: str) -> str:
        """EC2 instance id of the machine's replica, empty when there is none."""
        ...

    def launching(self, machine_id: str) -> str:
        """The machine's launch job that still works, empty when there is none. Its replica cannot be removed before."""
        ...

    def cleanup(self, machine_id: str) -> str:
        """Removes the machine's replica. Answers the job to wait for, empty when there is nothing to remove."""
        ...

    def configure_replication(self, configuration: Mapping[str, Any]) -> Mapping[str, Any]:
        """Sets the project's replication settings, keeps those not named. Answers the whole. Idempotent."""
        ...
