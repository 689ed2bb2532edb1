"""What the run record holds: one DynamoDB item per site. Who may write what, and when, is in runs.py.

Attributes (the source's dead man's switch in assets/site reads and writes the same item):

    site          S  key
    run_id        S  the run that holds, or last held, the site
    kind, phase   S
    lock_expires  N  epoch seconds; absent when nobody holds the site
    lease_expires N  epoch seconds; while it lies ahead the source may be frozen, 0 once it is open again. Counted from before the freeze was sent,
                     so it is never later than what the source itself believes
    decision      S  absent, `commit` (the point of no return), `rollback` (by the procedure) or `thaw` (by the source).
                     `commit` and `thaw` only while it is absent, `rollback` unless it is `commit`
    decided_at    N
    abort         S  why the run shall stop at its next step
    awaits        S  `TEST` or `CUTOVER`: a launched replica of this run may report, until awaits_until (N). Empty once the replica is removed
    report        S  JSON: what was accepted of it. report_by (S): the instance
    posted        N  when the report's message was put into the queue
    received      S  JSON: the report as the procedure took it from the queue
    draining      S  the replication task that this run stopped
    turned        S  when the targets were told to turn to the live data; empty once they are back
    machine_id    S  the provider's id of the machine of this run
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final, Literal, TypedDict

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

COMMIT: Final = "commit"
ROLLBACK: Final = "rollback"
THAW: Final = "thaw"
Decision = Literal["commit", "rollback", "thaw"]


@dataclass(frozen=True, kw_only=True)
class Record:
    run_id: str = ""
    kind: str = ""
    phase: str = ""
    decision: str = ""
    decided_at: float = 0.0
    abort: str = ""
    started: float = 0.0
    lock_expires: float = 0.0
    lease_expires: float = 0.0
    awaits: str = ""
    awaits_until: float = 0.0
    report: Mapping[str, Any] | None = None
    report_by: str = ""
    posted: float = 0.0
    received: Mapping[str, Any] | None = None
    draining: str = ""
    turned: str = ""
    machine_id: str = ""

    @property
    def committed(self) -> bool:
        return self.decision == COMMIT


class RunFacts(TypedDict, total=False):
    """What the run that holds the record may write at any time, by the names of the attributes."""

    lease_expires: float
    awaits: Literal["TEST", "CUTOVER", ""]
    awaits_until: float
    posted: float
    received: Mapping[str, Any]
    draining: str
    turned: str
    machine_id: str


class Attributes(RunFacts, total=False):
    """What is written under a condition of its own (runs.py)."""

    run_id: str
    kind: str
    phase: str
    started: float
    lock_expires: float
    decision: Decision
    decided_at: float
    abort: str
    report: Mapping[str, Any]
    report_by: str


OF_THE_LOCK = frozenset({"run_id", "kind", "phase", "started", "lock_expires"})
"""what a run writes when it takes the site"""
PER_RUN = tuple(field.name for field in fields(Record) if field.name not in OF_THE_LOCK)
"""what it removes then: facts of the run before"""

_SERIALIZER, _DESERIALIZER = TypeSerializer(), TypeDeserializer()


def serialized(value: Any) -> Any:
    """Return the value as DynamoDB takes it: times to the millisecond, objects as JSON."""
    if isinstance(value, Mapping):
        value = json.dumps(value, ensure_ascii=False)
    return _SERIALIZER.serialize(Decimal(str(round(value, 3))) if isinstance(value, float) else value)


def parsed(item: Mapping[str, Any]) -> Record:
    """Attributes that are not known are left out."""
    raw = {key: _DESERIALIZER.deserialize(value) for key, value in item.items()}
    known: dict[str, Any] = {}
    for name in Record.__dataclass_fields__:
        if name not in raw:
            continue
        value = raw[name]
        if name in ("report", "received"):
            value = json.loads(value)
        known[name] = float(value) if isinstance(value, Decimal) else value
    return Record(**known)
