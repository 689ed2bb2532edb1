"""The run record: one DynamoDB item per site, where everything that only one may do is decided by a conditional write.

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
    failure       S  JSON: why the run failed
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from common.clients.aws import aws_errors, error_code
from common.clock import Clock, SystemClock, iso
from common.errors import LeaseLost, LockHeld, RunAborted, StepFailed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

COMMIT, ROLLBACK, THAW = "commit", "rollback", "thaw"
PER_RUN = (
    "decision", "decided_at", "abort", "lease_expires", "awaits", "awaits_until", "report", "report_by", "posted", "received", "draining", "turned", "machine_id", "failure",
)  # fmt: skip
NAME = re.compile(r"#\w+")
"""attribute names are never written plain: `abort` and others are words of DynamoDB's own"""
LEASE_GRACE_SECONDS = 60
"""how much later than the record says the source may still count itself frozen"""


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
    failure: Mapping[str, Any] | None = None

    @property
    def committed(self) -> bool:
        return self.decision == COMMIT


R = TypeVar("R", bound="Runs")


class Runs:
    def __init__(self, dynamodb: DynamoDBClient, table: str, site: str, *, clock: Clock | None = None) -> None:
        self._dynamodb, self._table, self._site = dynamodb, table, site
        self._clock = clock or SystemClock()

    def shadow(self, kind: type[R], name: str) -> R:
        """The same table, another item: what a dry run keeps its record in."""
        return kind(self._dynamodb, self._table, f"{self._site}#{name}", clock=self._clock)

    def read(self) -> Record:
        with aws_errors("dynamodb:GetItem"):
            answer = self._dynamodb.get_item(
                TableName=self._table, Key={"site": {"S": self._site}}, ConsistentRead=True
            )
        return _record(answer.get("Item", {}))

    def acquire(self, run_id: str, kind: str, *, seconds: float) -> Record:
        """Takes the site for this run, or finds that it already has it. LockHeld says who has it otherwise."""
        now = self._clock.now()
        values = {"run_id": run_id, "kind": kind, "phase": "lock", "started": now, "lock_expires": now + seconds}
        condition = (
            "(attribute_not_exists(#lock_expires) OR #lock_expires < :now) AND (attribute_not_exists(#decision) OR #decision <> :committed)"
            " AND (attribute_not_exists(#lease_expires) OR #lease_expires < :thawed_by_now)"
        )
        extra = {":now": now, ":committed": COMMIT, ":thawed_by_now": now - LEASE_GRACE_SECONDS}
        taken = self._write(values, condition, extra, remove=PER_RUN)
        if taken is not None:
            return taken
        current = self.read()
        if current.run_id == run_id and current.lock_expires > now and not current.decision:
            return current  # the answer of our own first try was lost
        raise self._held(current, now)

    def _held(self, current: Record, now: float) -> StepFailed:
        if current.committed:
            return LockHeld(
                f"site {self._site} was already moved by run {current.run_id}",
                next_action="nothing is left to migrate: the site lives at its new place",
            )
        if current.lock_expires > now:
            return LockHeld(
                f"run {current.run_id} ({current.kind}, phase {current.phase}) holds the site until {iso(current.lock_expires)}",
                next_action="wait for its end, or stop it by deleting its resource",
            )
        return LockHeld(
            f"run {current.run_id} left the source frozen; the source opens by itself until {iso(current.lease_expires + LEASE_GRACE_SECONDS)}",
            next_action="try again after that",
        )

    def touch(self, run_id: str, phase: str, *, seconds: float, heed_abort: bool) -> Record:
        """Renews the lock and notes the phase. LeaseLost when the site belongs to another run, RunAborted when asked to stop."""
        values = {"phase": phase, "lock_expires": self._clock.now() + seconds}
        record = self._write(values, "#run_id = :me AND attribute_exists(#lock_expires)", {":me": run_id})
        if record is None:
            current = self.read()
            raise LeaseLost(
                f"the site belongs to run {current.run_id or '(none)'} now, not to {run_id}",
                next_action="look at that run",
            )
        if heed_abort and record.abort and not record.decision:
            raise RunAborted(record.abort, next_action="deploy again when ready")
        return record

    def note(self, run_id: str, **attributes: Any) -> Record:
        """Writes facts of this run. LeaseLost when the record is another run's."""
        record = self._write(attributes, "#run_id = :me", {":me": run_id})
        if record is None:
            raise LeaseLost(f"the run record is not of run {run_id} any more")
        return record

    def freeze_lease(self, run_id: str, *, expires: float) -> None:
        """To be written before the source is told: whoever reads it knows that the source may be frozen."""
        if (
            self._write(
                {"lease_expires": expires}, "#run_id = :me AND attribute_not_exists(#decision)", {":me": run_id}
            )
            is None
        ):
            raise LeaseLost(
                "the freeze lease cannot be written: the run was already decided", next_action="look at the run record"
            )

    def commit(self, run_id: str, *, margin: float) -> float:
        """THE POINT OF NO RETURN. Answers when it was passed. Harmless to repeat.

        Demands that nothing was decided, that nobody asked to stop, and that the source stays frozen for `margin` more seconds.
        """
        now = self._clock.now()
        condition = (
            "#run_id = :me AND attribute_not_exists(#decision) AND attribute_not_exists(#abort)"
            " AND #lease_expires >= :until AND #lock_expires > :now"
        )
        extra = {":me": run_id, ":until": now + margin, ":now": now}
        if self._write({"decision": COMMIT, "decided_at": now}, condition, extra) is not None:
            return now
        current = self.read()
        if current.run_id == run_id and current.committed:
            return current.decided_at
        reason = (
            current.decision
            or current.abort
            or f"the freeze lease ends at {iso(current.lease_expires)}, {margin:.0f} s must be left"
        )
        raise LeaseLost(
            f"commit refused: {reason}",
            next_action="the source serves again; find what took so long, then deploy again",
        )

    def roll_back(self, run_id: str) -> Record:
        """Decides against the commit, unless it has happened: look at `decision` of the answer."""
        condition = "#run_id = :me AND (attribute_not_exists(#decision) OR #decision <> :committed)"
        values = {"decision": ROLLBACK, "decided_at": self._clock.now()}
        written = self._write(values, condition, {":me": run_id, ":committed": COMMIT})
        return written if written is not None else self.read()

    def accept_report(
        self, run_id: str, launch: str, instance_id: str, report: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Takes the one report of this launch, and answers it; the first one of its instance stays the one. None: not awaited, too late, or
        another instance was first.
        """
        condition = (
            "#run_id = :me AND #awaits = :launch AND #awaits_until > :now AND attribute_not_exists(#report_by)"
            " AND attribute_not_exists(#decision)"
        )
        extra = {":me": run_id, ":launch": launch, ":now": self._clock.now()}
        values = {"report_by": instance_id, "report": json.dumps(report, ensure_ascii=False)}
        if self._write(values, condition, extra) is not None:
            return report
        current = self.read()
        again = current.run_id == run_id and current.awaits == launch and current.report_by == instance_id
        return current.report if again and not current.decision else None

    def request_abort(self, run_id: str, reason: str) -> bool:
        """Asks a run to stop. False when it is over, decided, or not this run."""
        condition = "#run_id = :me AND attribute_exists(#lock_expires) AND attribute_not_exists(#decision)"
        return self._write({"abort": reason}, condition, {":me": run_id}) is not None

    def released(self, run_id: str) -> bool:
        """Whether this run gave the site back, and no other has taken it since."""
        record = self.read()
        return record.run_id == run_id and not record.lock_expires

    def release(self, run_id: str) -> None:
        """Gives the site free. What was decided stays on record, and that a replica may be left."""
        self._write(
            {"phase": "released"},
            "#run_id = :me",
            {":me": run_id},
            remove=("lock_expires",),
        )

    def _write(
        self, values: Mapping[str, Any], condition: str, extra: Mapping[str, Any], *, remove: tuple[str, ...] = ()
    ) -> Record | None:
        """The item after the write, None when the condition did not hold."""
        sets = ", ".join(f"#{key} = :v_{key}" for key in values)
        update = f"SET {sets}" + (f" REMOVE {', '.join(f'#{key}' for key in remove)}" if remove else "")
        given = {**{f":v_{key}": value for key, value in values.items()}, **extra}
        try:
            with aws_errors("dynamodb:UpdateItem"):
                answer = self._dynamodb.update_item(
                    TableName=self._table,
                    Key={"site": {"S": self._site}},
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeNames={name: name[1:] for name in NAME.findall(update + condition)},
                    ExpressionAttributeValues={
                        key: _SERIALIZER.serialize(_plain(value)) for key, value in given.items()
                    },
                    ReturnValues="ALL_NEW",
                )
        except StepFailed as failed:
            cause = failed.__cause__
            if isinstance(cause, ClientError) and error_code(cause) == "ConditionalCheckFailedException":
                return None
            raise
        return _record(answer.get("Attributes", {}))


_SERIALIZER, _DESERIALIZER = TypeSerializer(), TypeDeserializer()


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(round(value, 3)))
    return value


def _record(item: Mapping[str, Any]) -> Record:
    raw = {key: _DESERIALIZER.deserialize(value) for key, value in item.items()}
    known: dict[str, Any] = {}
    for name in Record.__dataclass_fields__:
        if name not in raw:
            continue
        value = raw[name]
        if name in ("report", "received", "failure"):
            value = json.loads(value)
        known[name] = float(value) if isinstance(value, Decimal) else value
    return Record(**known)
