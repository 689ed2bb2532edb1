"""Record the replication of one machine: where it stands, which survives a restart, and the numbers that a service shows."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Literal

from rehearsal.replication_engine.dates import format_date, now
from rehearsal.replication_engine.ports import Record, Records
from rehearsal.replication_engine.replica import Advance, Replica
from rehearsal.replication_engine.retention import select_kept

Phase = Literal["waiting", "initial", "continuous"]


def generate_point_id() -> str:
    """Return the id of a new point in time."""
    return str(uuid.uuid4())


def build_record() -> Record:
    """Return the record of a machine that is not replicated.

    `current` is the newest point (the one being filled in phase initial), `points` the consistent ones, oldest first.
    The record also has totalBytes, replicatedBytes, rescannedBytes, backloggedBytes, lastConsistent and nextConsistent (dates)
    as soon as they are known.
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

    def __init__(self, records: Records, replica: Replica) -> None:
        self._records, self._replica = records, replica

    @property
    def phase(self) -> Phase:
        """Return the phase."""
        with self._records.read() as record:
            phase: Phase = record["phase"]
            return phase

    @property
    def current(self) -> str:
        """Return the newest point."""
        with self._records.read() as record:
            return str(record["current"])

    @property
    def position(self) -> int:
        """Return how far the copy has come, in bytes."""
        with self._records.read() as record:
            return int(record["position"])

    @property
    def comparable(self) -> bool:
        """Whether the snapshot that the newest point equals is still there to find changes with."""
        return self._replica.locate_base(self.current).exists()

    def recover(self) -> None:
        """Bring files and records together after a restart. Raises nothing: what is lost is begun again."""
        with self._records.edit() as record:
            record["points"] = [point for point in record["points"] if self._replica.locate_point(point["id"]).exists()]
            current = record["current"]
            lost = not self._replica.locate_point(current).exists() or (
                record["phase"] == "initial" and not self.comparable
            )
            if record["phase"] != "waiting" and lost:
                record.update(phase="waiting", current="", position=0, points=[])
                record["replicatedBytes"] = 0
                record.pop("lastConsistent", None)
        self._drop_unnamed()

    def begin(self, point: str, moment: datetime, waited: float, size: int) -> None:
        """Record the begin of the initial sync."""
        with self._records.edit() as record:
            record.update(phase="initial", current=point, position=0, points=[], begun=format_date(moment))
            self._record_wait(record, waited)
            record.update(totalBytes=size, replicatedBytes=0, rescannedBytes=0)
        self._drop_unnamed()

    def record_fill(self, position: int, copied: int, *, expected_in: float) -> None:
        """Record the progress of the initial sync."""
        with self._records.edit() as record:
            record["position"] = position
            record["statistics"]["bytesCopied"] += copied
            record["replicatedBytes"] = position
            record["nextConsistent"] = format_date(now() + timedelta(seconds=expected_in))

    def record_initial_point(self) -> None:
        """Record the first consistent point: the moment at which the initial sync's snapshot was taken."""
        with self._records.edit() as record:
            record.update(phase="continuous", points=[{"id": record["current"], "dateTime": record["begun"]}])
            record["lastConsistent"] = record["begun"]

    def record_point(self, point: str, moment: datetime, step: Advance) -> None:
        """Record a new point."""
        with self._records.edit() as record:
            self._record_wait(record, step.waited)
            record["statistics"]["bytesChanged"] += step.changed
            record["statistics"]["bytesCopied"] += step.copied
            self._add_point(record, point, moment)
        self._drop_unnamed()

    def record_consistency(self, moment: datetime, *, next_in: float) -> None:
        """Record that the replica holds everything that was written before `moment`."""
        with self._records.read() as record:
            record["statistics"]["syncs"] += 1
            record.update(
                lastConsistent=format_date(moment),
                nextConsistent=format_date(moment + timedelta(seconds=next_in)),
                backloggedBytes=0,
            )

    def record_backlog(self, waiting: int) -> None:
        """Record the bytes that wait to be copied."""
        with self._records.read() as record:
            record["backloggedBytes"] = waiting

    def record_rescan(self, position: int, copied: int) -> None:
        """Record the progress of a rescan."""
        with self._records.read() as record:
            record["rescannedBytes"] = position
            record["statistics"]["bytesCopied"] += copied

    def rescan_done(self, point: str, moment: datetime) -> None:
        """Record the point of a rescan."""
        with self._records.edit() as record:
            record["statistics"]["rescans"] += 1
            self._add_point(record, point, moment)
            record["rescannedBytes"] = 0
        self._drop_unnamed()

    def record_problem(self, message: str) -> None:
        """Record why replication does not go on."""
        with self._records.read() as record:
            record["problem"] = message

    @staticmethod
    def _record_wait(record: Record, seconds: float) -> None:
        waits = record["statistics"]["writersWaited"]
        waits.update(last=seconds, longest=max(seconds, waits["longest"]))

    @staticmethod
    def _add_point(record: Record, point: str, moment: datetime) -> None:
        points = [*record["points"], {"id": point, "dateTime": format_date(moment)}]
        keep = select_kept([(p["id"], datetime.fromisoformat(p["dateTime"])) for p in points], moment)
        record.update(current=point, points=[p for p in points if p["id"] in keep])

    def _drop_unnamed(self) -> None:
        with self._records.read() as record:
            self._replica.keep_only({record["current"], *(p["id"] for p in record["points"])}, {record["current"]})
