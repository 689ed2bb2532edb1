"""A source machine of the console, as the replication engine sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.faults import Faults
from rehearsal.cloudendure.models import is_connected
from rehearsal.cloudendure.replication.initiation import initiate
from rehearsal.cloudendure.responses import Json
from rehearsal.cloudendure.store import Store
from rehearsal.replication_engine.ledger import build_record
from rehearsal.replication_engine.ports import Check, FaultKind, Record
from rehearsal.replication_engine.source import find_machine

SHOWN = {
    "totalBytes": "totalStorageBytes",
    "replicatedBytes": "replicatedStorageBytes",
    "rescannedBytes": "rescannedStorageBytes",
    "backloggedBytes": "backloggedStorageBytes",
    "lastConsistent": "lastConsistencyDateTime",
    "nextConsistent": "nextConsistencyEstimatedDateTime",
}
"""key of the engine's record -> key of the machine's replicationInfo"""


class MachineRecords:
    """Implements Records in the console's store. Each change shows in the machine's replicationInfo."""

    def __init__(self, store: Store, machine_id: str) -> None:
        self._store, self._id = store, machine_id

    @contextmanager
    def read(self) -> Iterator[Record]:
        """Read, or change what may be lost with the process."""
        with self._store.read() as state:
            yield self._record(state)
            self._show(state)

    @contextmanager
    def edit(self) -> Iterator[Record]:
        """Change. The record is saved when the block ends."""
        with self._store.edit() as state:
            yield self._record(state)
            self._show(state)

    def _record(self, state: Json) -> Record:
        record: Record = state["replication"].setdefault(self._id, build_record())
        return record

    def _show(self, state: Json) -> None:
        record, machine = state["replication"][self._id], state["machines"].get(self._id)
        if machine is None:
            return
        info = machine["replicationInfo"]
        info.update({shown: record[key] for key, shown in SHOWN.items() if key in record})
        if "lastConsistent" not in record:
            info.pop("lastConsistencyDateTime", None)


def locate_source(settings: ConsoleSettings, store: Store, id_: str) -> str:
    """Return the id of the world's machine with this agent: an EC2 instance, or one with an address that the agent reported. Empty: there is none."""
    with store.read() as state:
        instance = str(state["machines"][id_]["sourceProperties"]["machineCloudId"])
        addresses = state["agents"].get(id_, {}).get("addresses", [])
    return instance or find_machine(settings.world, addresses)


class Machine:
    """Implements SourceMachine. `source`: id of the machine in this world. `checks`: name of a published step -> what can fail in it."""

    def __init__(
        self,
        id_: str,
        source: str,
        *,
        settings: ConsoleSettings,
        store: Store,
        faults: Faults,
        checks: dict[str, Check],
    ) -> None:
        self.id, self.machine_id = id_, source
        self._timeout, self._store, self._faults, self._checks = settings.agent_timeout, store, faults, checks
        self.records = MachineRecords(store, id_)

    @property
    def name(self) -> str:
        """Return the name that the agent reported."""
        with self._store.read() as state:
            return str(state["machines"].get(self.id, {}).get("sourceProperties", {}).get("name", ""))

    def is_replicating(self) -> bool:
        """Return whether replication is started and the agent is connected."""
        with self._store.read() as state:
            machine = state["machines"].get(self.id)
            return (
                machine is not None
                and machine["replicationStatus"] == "STARTED"
                and is_connected(machine, self._timeout)
            )

    def initiate(self, make_disks: Check, read_source: Check, pause: Callable[[], None]) -> None:
        """Go through the published steps. Raises InitiationFailed."""
        of_the_engine = {
            "CREATING_REPLICATION_DISKS": make_disks,
            "PAIRING_REPLICATION_SERVER_WITH_AGENT": read_source,
        }
        initiate(self._store, self.id, {**self._checks, **of_the_engine}, pause)

    def has_fault(self, kind: FaultKind) -> bool:
        """Return whether an ordered fault hits this event, and count it."""
        return self._faults.find_machine_fault(kind, self.name) is not None
