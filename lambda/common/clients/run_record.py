"""The content of the run record: one DynamoDB item per site. The class Runs (runs.py) defines who may write which attribute, and when.

Attributes by their stored names (the source's dead man's switch in assets/site reads and writes the same item; five fields of Record have
another name, see STORED_NAMES):

    site          S  key
    run_id        S  the run that holds, or last held, the site
    kind, phase   S
    lock_expires  N  epoch seconds; absent when no run holds the site
    lease_expires N  epoch seconds; while it lies in the future the source may be frozen; 0 once it is open again. Counted from before the freeze was
                     sent, so it is never later than the end of the lease on the source
    decision      S  absent, `commit` (the point of no return), `rollback` (by the procedure) or `thaw` (by the source).
                     `commit` and `thaw` only while it is absent, `rollback` unless it is `commit`
    decided_at    N
    abort         S  the reason for which the run must stop at its next step
    awaits        S  `TEST` or `CUTOVER`: a launched replica of this run may report, until awaits_until (N). Empty once the replica is removed
    report        S  JSON: the accepted report. report_by (S): the instance that sent it
    posted        N  when the message of the report was put into the queue
    received      S  JSON: the report as the procedure received it from the queue
    draining      S  ARN of the replication task that this run stopped
    turned        S  when the targets were activated; empty once they are back on the scratch copy
    machine_id    S  the provider's id of the source server
    milestone     S  the last of `held`, `copied`, `activated` and `admitted` that the run has reached: commands wait for it on their machines. The source writes `held`
    waiting_for   S  what somebody must do before the run goes on; empty while it waits for nobody
    hooks         S  JSON: the hooks of the site's owner that have run, each with name, point, machine, seconds, outcome and last line
    messages      S  JSON: when each message for people was sent; 0 for one whose sending has begun
    go_state      S  absent, `awaited` (the run is ready for its window), `given` (somebody said go) or `begun` (the window begins: no hold any more)
    go_by, go_at  S, N  who gave or took back the go, and when
    checkpoint    S  JSON: the finished steps of this run that a later one can take over (common.suspension.Checkpoint)
    suspended     S  JSON: the run whose replica is kept for a later one (common.suspension.Suspension). It stays when another run takes the lock
    removal_until N  until then somebody removes that replica, and no run may begin; 0 when nobody does
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, Final, Literal, TypedDict

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from common.suspension import Checkpoint, Suspension

COMMIT: Final = "commit"
ROLLBACK: Final = "rollback"
THAW: Final = "thaw"
Decision = Literal["commit", "rollback", "thaw"]
GoState = Literal["awaited", "given", "begun"]
"""in their order; a hold leads back from `given` to `awaited`"""
Milestone = Literal["held", "copied", "activated", "admitted"]
"""in their order; assets/site/cutover_site/aws/milestone_names.py defines each"""
LEASE_GRACE_SECONDS = 60
"""how much later than `lease_expires` the source may still be frozen"""


@dataclass(frozen=True, kw_only=True)
class Record:
    """The run record as it was read. A missing attribute has its default."""

    run_id: str = ""
    kind: str = ""
    phase: str = ""
    decision: str = ""
    decided_at: float = 0.0
    abort: str = ""
    started: float = 0.0
    lock_expires: float = 0.0
    lease_expires: float = 0.0
    expected_report: str = ""
    expected_report_until: float = 0.0
    report: Mapping[str, Any] | None = None
    report_by: str = ""
    posted: float = 0.0
    received: Mapping[str, Any] | None = None
    stopped_task: str = ""
    activated_at: str = ""
    source_server_id: str = ""
    milestone: str = ""
    waiting_for: str = ""
    hooks: Sequence[Mapping[str, Any]] = ()
    messages: Mapping[str, float] = field(default_factory=dict)
    go_state: str = ""
    go_by: str = ""
    go_at: float = 0.0
    checkpoint: Mapping[str, Any] | None = None
    suspended: Mapping[str, Any] | None = None
    removal_until: float = 0.0

    @property
    def finished(self) -> Checkpoint | None:
        """Return the checkpoint of the run, None when it has none (yet)."""
        return Checkpoint.from_json(self.checkpoint) if self.checkpoint else None

    @property
    def suspension(self) -> Suspension | None:
        """Return the suspended run whose replica is kept, None when there is none."""
        return Suspension.from_json(self.suspended) if self.suspended else None

    @property
    def committed(self) -> bool:
        """Return whether the run has passed the point of no return."""
        return self.decision == COMMIT

    @property
    def source_opens_by(self) -> float:
        """Return the time (epoch) at which a frozen source has opened by itself at the latest."""
        return self.lease_expires + LEASE_GRACE_SECONDS


class RunFacts(TypedDict, total=False):
    """The facts that the run that holds the record may write at any time, by the names of the fields."""

    lease_expires: float
    expected_report: Literal["TEST", "CUTOVER", ""]
    expected_report_until: float
    posted: float
    received: Mapping[str, Any]
    stopped_task: str
    activated_at: str
    source_server_id: str
    milestone: Milestone
    waiting_for: str
    hooks: Sequence[Mapping[str, Any]]


class Attributes(RunFacts, total=False):
    """The facts that are written under a condition of their own (class Runs)."""

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
    messages: Mapping[str, float]
    go_state: GoState
    go_by: str
    go_at: float
    checkpoint: Mapping[str, Any]
    suspended: Mapping[str, Any]
    removal_until: float


OF_THE_LOCK = frozenset({"run_id", "kind", "phase", "started", "lock_expires"})
"""what a run writes when it acquires the lock"""
OF_THE_SITE = frozenset({"suspended", "removal_until"})
"""what concerns a later run, and stays when it acquires the lock"""
PER_RUN = tuple(field.name for field in fields(Record) if field.name not in OF_THE_LOCK | OF_THE_SITE)
"""what it removes then: the facts of the previous run"""
STORED_NAMES: Mapping[str, str] = {
    "expected_report": "awaits",
    "expected_report_until": "awaits_until",
    "stopped_task": "draining",
    "activated_at": "turned",
    "source_server_id": "machine_id",
}
"""The attributes of fields that have another name. Records of earlier releases have these attributes."""
JSON_FIELDS = frozenset({"report", "received", "hooks", "messages", "checkpoint", "suspended"})

_SERIALIZER, _DESERIALIZER = TypeSerializer(), TypeDeserializer()


def get_stored_name(field: str) -> str:
    """Return the name of the attribute that holds this field."""
    return STORED_NAMES.get(field, field)


def serialize(value: Any) -> Any:
    """Return the value in the form of DynamoDB: times to the millisecond, objects as JSON."""
    if isinstance(value, (Mapping, list)):
        value = format_json(value)
    return _SERIALIZER.serialize(Decimal(str(round(value, 3))) if isinstance(value, float) else value)


def format_json(value: Mapping[str, Any] | list[Any]) -> str:
    """Return the text that the record holds for an object. A condition compares it with what was read."""
    return json.dumps(value, ensure_ascii=False)


def parse_record(item: Mapping[str, Any]) -> Record:
    """Return the record of a DynamoDB item. Unknown attributes are left out."""
    raw = {key: _DESERIALIZER.deserialize(value) for key, value in item.items()}
    known: dict[str, Any] = {}
    for name in Record.__dataclass_fields__:
        if get_stored_name(name) not in raw:
            continue
        value = raw[get_stored_name(name)]
        if name in JSON_FIELDS:
            value = json.loads(value)
        known[name] = float(value) if isinstance(value, Decimal) else value
    return Record(**known)
