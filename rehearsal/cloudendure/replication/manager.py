"""Start, pause and stop the replication of machines, as the console's API does."""

from __future__ import annotations

from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.faults import Faults
from rehearsal.cloudendure.latency import choose_service_times
from rehearsal.cloudendure.models import empty_info
from rehearsal.cloudendure.replication.machine import Machine, locate_source
from rehearsal.cloudendure.store import Store
from rehearsal.errors import RehearsalError
from rehearsal.replication_engine.cloud import Cloud, CloudError
from rehearsal.replication_engine.engine import ReplicationEngine, Sources
from rehearsal.replication_engine.ledger import build_record
from rehearsal.replication_engine.ports import Check, EngineSettings
from rehearsal.replication_engine.replica import Replica
from rehearsal.replication_engine.source import SourceMissing


class Replication:
    """Thread-safe."""

    def __init__(self, settings: ConsoleSettings, store: Store, faults: Faults, cloud: Cloud, sources: Sources) -> None:
        self._settings, self._store, self._faults, self._cloud = settings, store, faults, cloud
        times = choose_service_times(settings.latency)
        self._engine = ReplicationEngine(
            EngineSettings(settings.replicas, settings.sync_interval, times.initiation_step), sources
        )

    def resume(self) -> None:
        """Continue the replications from their records, after a start of the console."""
        with self._store.read() as state:
            wanted = [id_ for id_, machine in state["machines"].items() if machine["replicationStatus"] != "STOPPED"]
        for machine in wanted:
            self._replicate(machine)

    def end(self) -> None:
        """End every worker."""
        self._engine.end()

    def start(self, machine: str) -> None:
        """Begin (a stopped one from the first block) or go on (a paused one from where it was)."""
        with self._store.edit() as state:
            state["machines"][machine]["replicationStatus"] = "STARTED"
        self._replicate(machine)
        self._engine.wake(machine)

    def pause(self, machine: str) -> None:
        """Pause a machine's replication."""
        with self._store.edit() as state:
            state["machines"][machine]["replicationStatus"] = "PAUSED"

    def stop(self, machine: str) -> None:
        """End it and give up the replicated data, as the published one does."""
        with self._store.edit() as state:
            state["machines"][machine]["replicationStatus"] = "STOPPED"
        self._engine.discard(machine)
        with self._store.edit() as state:
            info = state["machines"][machine]["replicationInfo"]
            seen = {key: info[key] for key in ("lastSeenDateTime",) if key in info}
            state["machines"][machine]["replicationInfo"] = {**empty_info(info["totalStorageBytes"]), **seen}
            state["replication"][machine] = build_record()

    def sync(self, machine: str, timeout: float) -> bool:
        """Run Worker.sync. Return False when nothing replicates."""
        return self._engine.sync(machine, timeout)

    def wake(self, machine: str) -> None:
        """Let the worker continue: the agent is connected again."""
        self._engine.wake(machine)

    def get_replica(self, machine: str) -> Replica:
        """Return the replica of a machine."""
        return self._engine.get_replica(machine)

    def _replicate(self, machine: str) -> None:
        source = locate_source(self._settings, self._store, machine)
        self._engine.replicate(
            Machine(
                machine,
                source,
                settings=self._settings,
                store=self._store,
                faults=self._faults,
                checks=self._build_checks(source),
            )
        )

    def _build_checks(self, source: str) -> dict[str, Check]:
        def check_network() -> None:
            with self._store.read() as state:
                configuration = state["configurations"][state["project"]["replicationConfiguration"]]
                subnet, groups = configuration["subnetId"], list(configuration["replicatorSecurityGroupIDs"])
            try:
                self._cloud.check_network(subnet, groups)
            except CloudError as error:
                raise RehearsalError(str(error)) from error

        def check_known() -> None:
            if not source:
                raise SourceMissing(
                    "The machine is not in this world, whose console replicates no other: it reported no EC2 instance id, and no address of"
                    " a machine."
                )

        return {"WAITING_TO_INITIATE_REPLICATION": check_known, "CREATING_REPLICATION_SERVER": check_network}
