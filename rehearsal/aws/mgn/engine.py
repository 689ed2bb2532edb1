"""The replication engine, as MGN uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from rehearsal.replication_engine.cloud import Cloud
from rehearsal.replication_engine.conversion import Conversion, Pending
from rehearsal.replication_engine.engine import ReplicationEngine, Sources
from rehearsal.replication_engine.launch import make_image
from rehearsal.replication_engine.ports import EngineSettings, SourceMachine

CONVERSION = Conversion(
    service="MGN",
    agent_folder=Path("var/lib/aws-replication-agent"),
    agent_unit="aws-replication.service",
    folder=Path("var/lib/aws-replication-conversion"),
    unit="aws-replication-conversion.service",
)
SCRIPTS = ("/boot/post_launch",)


class Engine(Protocol):
    """What MGN needs of the engine: the one thing that a test without machines replaces."""

    def replicate(self, machine: SourceMachine) -> None:
        """Replicate a machine from now on. Harmless when it is replicated."""

    def discard(self, machine_id: str) -> None:
        """End the replication of a machine and remove the replicated data."""

    def sync(self, machine_id: str, timeout: float) -> bool:
        """Bring the replica to a point that is not older than this call; False when that is not possible in time."""

    def wake(self, machine_id: str) -> None:
        """Let the replication continue with what it waits for."""

    def make_image(self, machine_id: str, point: str, name: str, token: str) -> str:
        """Return the id of an image of a point in time. `token`: what the launched machine reports with."""

    def end(self) -> bool:
        """End the replication of every machine, and return whether that happened in time."""


class BlockEngine(ReplicationEngine):
    """Implements Engine with real blocks."""

    def __init__(
        self, settings: EngineSettings, sources: Sources, *, cloud: Cloud, mounts: Path, report_url: str
    ) -> None:
        super().__init__(settings, sources)
        self._cloud, self._mounts, self._report_url = cloud, mounts, report_url

    def make_image(self, machine_id: str, point: str, name: str, token: str) -> str:
        """Return the id of an image of a point in time. Raises RehearsalError."""
        return make_image(
            self._cloud,
            self.get_replica(machine_id),
            point,
            name=name,
            conversion=CONVERSION,
            pending=Pending(self._report_url, token, SCRIPTS),
            mount=self._mounts / machine_id,
        )
