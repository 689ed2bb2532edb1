"""What is recorded of one machine's replication: where it stands (survives a restart) and what the API shows of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from rehearsal.cloudendure.replication.replica import Advance, Replica
from rehearsal.cloudendure.replication.retention import kept
from rehearsal.cloudendure.responses import Json, format_date, now
from rehearsal.cloudendure.store import Store

Phase = Literal["waiting", "initial", "continuous"]


def new_record() -> Json:
    """Return the record of a machine that is not replicated.

    `current` is the newest point (the one being filled in phase initial), `points` the consistent ones, oldest first.
    """
    statistics = {
        "syncs": 0,
        "bytesCopied": 0,
        "bytesChanged": 0,
        "rescans": 0,
        "writersWaited": {"last": 0.0, "longest": 0.0},
    }
    return {"phase": "waiting", "current": "", "position": 0, "points": [], "problem": "", "statistics": statistics}


class Ledger:
    """Written by the machine's worker only. Every call is harmless after the machine was deleted."""

    def __init__(self, store: Store, machine: str, replica: Replica) -> None:
        self._store, self._machine, self._replica = store, machine, replica

    def _record(self, state: Json) -> Json:
        record: Json = state["replication"].setdefault(self._machine, new_record())
        return record

    def _info(self, state: Json) -> Json:
        info: Json = state["machines"].get(self._machine, {}).get("replicationInfo", {})
        return info

    @property
    def phase(self) -> Phase:
        """Return the phase."""
        with self._store.look() as state:
            phase: Phase = self._record(state)["phase"]
            return phase

    @property
    def current(self) -> str:
        """Return the newest point."""
        with self._store.look() as state:
            return str(self._record(state)["current"])

    @property
    def position(self) -> int:
        """Return how far the copy has come, in bytes."""
        with self._store.look() as state:
            return int(self._record(state)["position"])

    @property
    def comparable(self) -> bool:
        """Whether the snapshot that the newest point equals is still there to find changes with."""
        return self._replica.base(self.current).exists()

    def tidy(self) -> None:
        """Bring files and records together after a restart. Raises nothing: what is lost is begun again."""
        with self._store.edit() as state:
            record = self._record(state)
            record["points"] = [point for point in record["points"] if self._replica.point(point["id"]).exists()]
            current = record["current"]
            lost = not self._replica.point(current).exists() or (record["phase"] == "initial" and not self.comparable)
            if record["phase"] != "waiting" and lost:
                record.update(phase="waiting", current="", position=0, points=[])
                self._info(state).update(replicatedStorageBytes=0)
                self._info(state).pop("lastConsistencyDateTime", None)
        self._drop_unnamed()

    def begin(self, point: str, moment: datetime, waited: float, size: int) -> None:
        """Record the begin of the initial sync."""
        with self._store.edit() as state:
            record = self._record(state)
            record.update(phase="initial", current=point, position=0, points=[], begun=format_date(moment))
            self._waited(record, waited)
            self._info(state).update(totalStorageBytes=size, replicatedStorageBytes=0, rescannedStorageBytes=0)
        self._drop_unnamed()

    def filled(self, position: int, copied: int, *, expected_in: float) -> None:
        """Record the progress of the initial sync."""
        with self._store.edit() as state:
            record = self._record(state)
            record["position"] = position
            record["statistics"]["bytesCopied"] += copied
            self._info(state)["replicatedStorageBytes"] = position
            self._info(state)["nextConsistencyEstimatedDateTime"] = format_date(now() + timedelta(seconds=expected_in))

    def initial_done(self) -> None:
        """Record the first consistent point: the moment at which the initial sync's snapshot was taken."""
        with self._store.edit() as state:
            record = self._record(state)
            record.update(phase="continuous", points=[{"id": record["current"], "dateTime": record["begun"]}])
            self._info(state)["lastConsistencyDateTime"] = record["begun"]

    def advanced(self, point: str, moment: datetime, step: Advance) -> None:
        """Record a new point."""
        with self._store.edit() as state:
            record = self._record(state)
            self._waited(record, step.waited)
            record["statistics"]["bytesChanged"] += step.changed
            record["statistics"]["bytesCopied"] += step.copied
            self._new_point(record, point, moment)
        self._drop_unnamed()

    def consistent(self, moment: datetime, *, next_in: float) -> None:
        """Record that the replica holds everything that was written before `moment`."""
        with self._store.look() as state:
            self._record(state)["statistics"]["syncs"] += 1
            self._info(state).update(
                lastConsistencyDateTime=format_date(moment),
                nextConsistencyEstimatedDateTime=format_date(moment + timedelta(seconds=next_in)),
                backloggedStorageBytes=0,
            )

    def backlog(self, waiting: int) -> None:
        """Record the bytes that wait to be copied."""
        with self._store.look() as state:
            self._info(state)["backloggedStorageBytes"] = waiting

    def rescanned(self, position: int, copied: int) -> None:
        """Record the progress of a rescan."""
        with self._store.look() as state:
            self._info(state)["rescannedStorageBytes"] = position
            self._record(state)["statistics"]["bytesCopied"] += copied

    def rescan_done(self, point: str, moment: datetime) -> None:
        """Record the point of a rescan."""
        with self._store.edit() as state:
            record = self._record(state)
            record["statistics"]["rescans"] += 1
            self._new_point(record, point, moment)
            self._info(state)["rescannedStorageBytes"] = 0
        self._drop_unnamed()

    def problem(self, message: str) -> None:
        """Record why replication does not go on."""
        with self._store.look() as state:
            self._record(state)["problem"] = message

    @staticmethod
    def _waited(record: Json, seconds: float) -> None:
        waits = record["statistics"]["writersWaited"]
        waits.update(last=seconds, longest=max(seconds, waits["longest"]))

    @staticmethod
    def _new_point(record: Json, point: str, moment: datetime) -> None:
        points = [*record["points"], {"id": point, "dateTime": format_date(moment)}]
        keep = kept([(p["id"], datetime.fromisoformat(p["dateTime"])) for p in points], moment)
        record.update(current=point, points=[p for p in points if p["id"] in keep])

    def _drop_unnamed(self) -> None:
        with self._store.look() as state:
            record = self._record(state)
            self._replica.keep_only({record["current"], *(p["id"] for p in record["points"])}, {record["current"]})
