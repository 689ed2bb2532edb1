"""Who replicates: one worker per machine whose replication is not stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rehearsal.cloudendure.cloud import Cloud, CloudError
from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.faults import Faults
from rehearsal.cloudendure.models import empty_info
from rehearsal.cloudendure.replication.initiation import Check
from rehearsal.cloudendure.replication.ledger import new_record
from rehearsal.cloudendure.replication.replica import Replica
from rehearsal.cloudendure.replication.source import SourceDisk, SourceMissing
from rehearsal.cloudendure.replication.worker import Worker
from rehearsal.cloudendure.store import Store
from rehearsal.errors import RehearsalError

Sources = Callable[[str], SourceDisk]
"""EC2 instance id -> its disk."""


class Replication:
    """Thread-safe."""

    def __init__(self, settings: ConsoleSettings, store: Store, faults: Faults, cloud: Cloud, sources: Sources) -> None:
        self._settings, self._store, self._faults, self._cloud, self._sources = settings, store, faults, cloud, sources
        self._lock = threading.Lock()
        self._workers: dict[str, Worker] = {}

    def resume(self) -> None:
        """After a start of the console: go on where the records say."""
        with self._store.look() as state:
            wanted = [id_ for id_, machine in state["machines"].items() if machine["replicationStatus"] != "STOPPED"]
        for machine in wanted:
            self._ensure(machine)

    def end(self) -> None:
        """End every worker."""
        with self._lock:
            workers = list(self._workers.values())
            self._workers.clear()
        for worker in workers:
            worker.end(timeout=0)
        for worker in workers:
            worker.end()

    def start(self, machine: str) -> None:
        """Begin (a stopped one from the first block) or go on (a paused one from where it was)."""
        with self._store.edit() as state:
            state["machines"][machine]["replicationStatus"] = "STARTED"
        self._ensure(machine).wake()

    def pause(self, machine: str) -> None:
        """Pause a machine's replication."""
        with self._store.edit() as state:
            state["machines"][machine]["replicationStatus"] = "PAUSED"

    def stop(self, machine: str) -> None:
        """End it and give up the replicated data, as the published one does."""
        with self._store.edit() as state:
            state["machines"][machine]["replicationStatus"] = "STOPPED"
        self._drop(machine)
        with self._store.edit() as state:
            info = state["machines"][machine]["replicationInfo"]
            seen = {key: info[key] for key in ("lastSeenDateTime",) if key in info}
            state["machines"][machine]["replicationInfo"] = {**empty_info(info["totalStorageBytes"]), **seen}
            state["replication"][machine] = new_record()

    def sync(self, machine: str, timeout: float) -> bool:
        """See Worker.sync; False when nothing replicates."""
        with self._lock:
            worker = self._workers.get(machine)
        return worker is not None and worker.sync(timeout)

    def wake(self, machine: str) -> None:
        """Something happened that the worker may wait for (the agent is back)."""
        with self._lock:
            worker = self._workers.get(machine)
        if worker:
            worker.wake()

    def replica(self, machine: str) -> Replica:
        """Return the replica of a machine."""
        return Replica(self._settings.replicas / machine)

    def _ensure(self, machine: str) -> Worker:
        with self._lock:
            worker = self._workers.get(machine)
            if worker is None:
                with self._store.look() as state:
                    instance = state["machines"][machine]["sourceProperties"]["machineCloudId"]
                worker = self._workers[machine] = Worker(
                    machine,
                    settings=self._settings,
                    store=self._store,
                    faults=self._faults,
                    source=self._sources(instance),
                    checks=self._checks(instance),
                )
                worker.start()
            return worker

    def _drop(self, machine: str) -> None:
        with self._lock:
            worker = self._workers.pop(machine, None)
        if worker:
            worker.end()
        self.replica(machine).discard()

    def _checks(self, instance: str) -> dict[str, Check]:
        def network() -> None:
            with self._store.look() as state:
                configuration = state["configurations"][state["project"]["replicationConfiguration"]]
                subnet, groups = configuration["subnetId"], list(configuration["replicatorSecurityGroupIDs"])
            try:
                self._cloud.check_network(subnet, groups)
            except CloudError as error:
                raise RehearsalError(str(error)) from error

        def known() -> None:
            if not instance:
                raise SourceMissing(
                    "The machine told no EC2 instance id: this console replicates machines of its world only."
                )

        return {"WAITING_TO_INITIATE_REPLICATION": known, "CREATING_REPLICATION_SERVER": network}
