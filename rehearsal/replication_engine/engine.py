"""Keep one worker for each machine that is replicated."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rehearsal.replication_engine.ports import EngineSettings, SourceMachine
from rehearsal.replication_engine.replica import Replica
from rehearsal.replication_engine.source import SourceDisk
from rehearsal.replication_engine.worker import Worker

Sources = Callable[[str], SourceDisk]
"""id of a machine in this world -> its disk."""


class ReplicationEngine:
    """Thread-safe."""

    def __init__(self, settings: EngineSettings, sources: Sources) -> None:
        self._settings, self._sources = settings, sources
        self._lock = threading.Lock()
        self._workers: dict[str, Worker] = {}

    def replicate(self, machine: SourceMachine) -> None:
        """Replicate a machine from now on, from the place that its record has. Harmless when it is replicated."""
        with self._lock:
            if machine.id not in self._workers:
                source = self._sources(machine.machine_id)
                worker = self._workers[machine.id] = Worker(machine, self._settings, source)
                worker.start()

    def discard(self, machine_id: str) -> None:
        """End the replication of a machine and remove the replicated data."""
        with self._lock:
            worker = self._workers.pop(machine_id, None)
        if worker:
            worker.end()
        self.get_replica(machine_id).discard()

    def sync(self, machine_id: str, timeout: float) -> bool:
        """Run Worker.sync. Return False when nothing replicates the machine."""
        with self._lock:
            worker = self._workers.get(machine_id)
        return worker is not None and worker.sync(timeout)

    def wake(self, machine_id: str) -> None:
        """Let the worker continue with what it waits for (the agent sends heartbeats again)."""
        with self._lock:
            worker = self._workers.get(machine_id)
        if worker:
            worker.wake()

    def get_replica(self, machine_id: str) -> Replica:
        """Return the replica of a machine."""
        return Replica(self._settings.replicas / machine_id)

    def end(self) -> bool:
        """End every worker, and return whether all ended in time. The records say where each continues."""
        with self._lock:
            workers = list(self._workers.values())
            self._workers.clear()
        for worker in workers:
            worker.end(timeout=0)
        ended = [worker.end() for worker in workers]
        return all(ended)
