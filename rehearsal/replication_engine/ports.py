"""What the engine needs of the service that it replicates for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

Record = dict[str, Any]
"""What is recorded of the replication of one machine, as JSON: see `ledger.build_record`."""
Check = Callable[[], None]
"""Raises RehearsalError with the reason why a step fails."""
FaultKind = Literal["rescan", "initial-sync", "lag"]


@dataclass(frozen=True)
class EngineSettings:
    """Where replicas lie, and how often a source is read. Durations in seconds."""

    replicas: Path
    """On the pool, so that a point in time is a reflink."""
    sync_interval: float = 5.0
    initiation_step: float = 0.0
    """Service time of each step before the first block."""


class Records(Protocol):
    """The record of one machine. Whoever reads or writes it holds a lock, so that nobody sees half of a change.

    Both work on a record of their own when the service has deleted the machine.
    """

    def read(self) -> AbstractContextManager[Record]:
        """Read, or change what may be lost with the process (counters)."""

    def edit(self) -> AbstractContextManager[Record]:
        """Change. The record is saved when the block ends."""


class SourceMachine(Protocol):
    """A source machine, as the service knows it."""

    id: str
    machine_id: str
    """the id of the machine in this world; empty when it is none of it"""

    @property
    def records(self) -> Records:
        """Return where its replication is recorded."""

    @property
    def name(self) -> str:
        """Return the name that faults are ordered for."""

    def is_replicating(self) -> bool:
        """Return whether the service wants it replicated now and its agent is connected."""

    def initiate(self, make_disks: Check, read_source: Check, pause: Callable[[], None]) -> None:
        """Go through the service's steps before the first block, each recorded and followed by `pause`.

        Raises RehearsalError that names the step.
        """

    def has_fault(self, kind: FaultKind) -> bool:
        """Return whether an ordered fault hits this event, and count it."""
