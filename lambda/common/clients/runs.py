"""Writes of the run record: one DynamoDB item per site. A conditional write decides who holds the site and how the run ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from boto3.dynamodb.conditions import Attr, ConditionBase, ConditionExpressionBuilder
from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.clients.run_conditions import (
    HELD,
    MAY_GO,
    NOT_COMMITTED,
    UNDECIDED,
    is_of,
    is_unclaimed,
    is_unlocked,
)
from common.clients.run_record import (
    COMMIT,
    PER_RUN,
    ROLLBACK,
    Attributes,
    Record,
    RunFacts,
    get_stored_name,
    parse_record,
    serialize,
)
from common.clients.suspended_runs import SuspendedRuns
from common.clock import Clock, SystemClock, format_iso
from common.errors import CutoverError, LeaseLost, LockHeld, RetryableServiceError, RunAborted, StepFailed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MESSAGE_TRIES = 3
LEASE_GRACE_SECONDS = 60
"""how much later than `lease_expires` the source may still be frozen"""
R = TypeVar("R", bound="Runs")


class Runs(SuspendedRuns):
    """The run record of one site."""

    REMOVED_ON_RELEASE: tuple[str, ...] = ("lock_expires",)

    def __init__(self, dynamodb: DynamoDBClient, table: str, site: str, *, clock: Clock | None = None) -> None:
        self._dynamodb, self._table, self._site = dynamodb, table, site
        self._clock = clock or SystemClock()

    def create_sibling(self, kind: type[R], name: str) -> R:
        """Return the client of another item of the same table, in which a dry run keeps its record."""
        return kind(self._dynamodb, self._table, f"{self._site}#{name}", clock=self._clock)

    def read(self) -> Record:
        """Return the record as it is now (a consistent read)."""
        with translate_aws_errors("dynamodb:GetItem"):
            response = self._dynamodb.get_item(
                TableName=self._table, Key={"site": {"S": self._site}}, ConsistentRead=True
            )
        return parse_record(response.get("Item", {}))

    def acquire(self, run_id: str, kind: str, *, seconds: float) -> Record:
        """Acquire the lock of the site for this run; harmless when it already holds the lock. LockHeld names the run that holds it otherwise."""
        now = self._clock.now()
        values: Attributes = {
            "run_id": run_id,
            "kind": kind,
            "phase": "lock",
            "started": now,
            "lock_expires": now + seconds,
        }
        source_open = Attr("lease_expires").not_exists() | Attr("lease_expires").lt(now - LEASE_GRACE_SECONDS)
        taken = self._write(values, is_unlocked(now) & NOT_COMMITTED & source_open & is_unclaimed(now), remove=PER_RUN)
        if taken is not None:
            return taken
        current = self.read()
        if current.run_id == run_id and current.lock_expires > now and not current.decision:
            return current  # the response to our own first try was lost
        raise self._build_lock_error(current, now)

    def _build_lock_error(self, current: Record, now: float) -> CutoverError:
        if current.committed:
            return LockHeld(
                f"site {self._site} was already moved by run {current.run_id}",
                next_action="nothing is left to migrate: the site lives at its new place",
            )
        if current.lock_expires > now:
            return LockHeld(
                f"run {current.run_id} ({current.kind}, phase {current.phase}) holds the site until {format_iso(current.lock_expires)}",
                next_action="wait for its end, or stop it by deleting its resource",
            )
        if current.removal_until > now:
            return RetryableServiceError(
                "the replica of a suspended run is being removed", next_action="deploy again in two minutes"
            )
        return LockHeld(
            f"run {current.run_id} left the source frozen; the source opens by itself until {format_iso(current.lease_expires + LEASE_GRACE_SECONDS)}",
            next_action="try again after that",
        )

    def renew_lock(self, run_id: str, phase: str, *, seconds: float, heed_abort: bool) -> Record:
        """Renew the lock and write the phase. LeaseLost: another run holds the site. RunAborted: the run must stop."""
        values: Attributes = {"phase": phase, "lock_expires": self._clock.now() + seconds}
        record = self._write(values, is_of(run_id) & HELD)
        if record is None:
            current = self.read()
            raise LeaseLost(
                f"the site belongs to run {current.run_id or '(none)'} now, not to {run_id}",
                next_action="look at that run",
            )
        if heed_abort and record.abort and not record.decision:
            raise RunAborted(record.abort, next_action="deploy again when ready")
        return record

    def update_facts(self, run_id: str, **facts: Unpack[RunFacts]) -> Record:
        """Write facts of this run. LeaseLost when the record belongs to another run."""
        record = self._write(facts, is_of(run_id))
        if record is None:
            raise LeaseLost(f"the run record is not of run {run_id} any more")
        return record

    def write_freeze_lease(self, run_id: str, *, expires: float) -> None:
        """Write until when the source may be frozen. To be called before the freeze is sent. LeaseLost when the run is decided."""
        if self._write({"lease_expires": expires}, is_of(run_id) & UNDECIDED) is None:
            raise LeaseLost(
                "the freeze lease cannot be written: the run was already decided", next_action="look at the run record"
            )

    def commit(self, run_id: str, *, margin: float) -> float:
        """Commit the run: THE POINT OF NO RETURN. Return the moment of the commit (epoch). Harmless to repeat.

        Requires that the run is undecided, that no abort was requested, and that the source stays frozen for `margin` more seconds.
        Raises LeaseLost otherwise.
        """
        now = self._clock.now()
        undecided = is_of(run_id) & UNDECIDED & Attr("abort").not_exists()
        leases_last = Attr("lease_expires").gte(now + margin) & Attr("lock_expires").gt(now)
        if self._write({"decision": COMMIT, "decided_at": now}, undecided & leases_last) is not None:
            return now
        current = self.read()
        if current.run_id == run_id and current.committed:
            return current.decided_at
        reason = (
            current.decision
            or current.abort
            or f"the freeze lease ends at {format_iso(current.lease_expires)}, {margin:.0f} s must be left"
        )
        raise LeaseLost(
            f"commit refused: {reason}",
            next_action="the source serves again; find what took so long, then deploy again",
        )

    def roll_back(self, run_id: str) -> Record:
        """Decide against the commit, unless it has happened. Return the record: its `decision` is the one in force."""
        values: Attributes = {"decision": ROLLBACK, "decided_at": self._clock.now()}
        written = self._write(values, is_of(run_id) & NOT_COMMITTED)
        return written if written is not None else self.read()

    def accept_report(
        self, run_id: str, launch: str, instance_id: str, report: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Accept the one report of this launch, and return it. A second report of the same instance does not replace the first.

        None: no such report is expected, it is too late, or another instance has reported before.
        """
        expected = Attr(get_stored_name("expected_report")).eq(launch) & Attr(
            get_stored_name("expected_report_until")
        ).gt(self._clock.now())
        first = Attr("report_by").not_exists()
        values: Attributes = {"report_by": instance_id, "report": report}
        if self._write(values, is_of(run_id) & expected & first & UNDECIDED) is not None:
            return report
        current = self.read()
        repeated = current.run_id == run_id and current.expected_report == launch and current.report_by == instance_id
        return current.report if repeated and not current.decision else None

    def claim_message(self, run_id: str, name: str) -> bool:
        """Claim a message for people. Only the caller that gets True may send it. False: it was claimed before, or this is not the run."""
        return self._write_message(run_id, name, 0.0, only_new=True)

    def confirm_message(self, run_id: str, name: str) -> None:
        """Record that a claimed message was sent."""
        self._write_message(run_id, name, self._clock.now(), only_new=False)

    def _write_message(self, run_id: str, name: str, moment: float, *, only_new: bool) -> bool:
        """Write one entry of `messages` if nobody has changed the attribute since it was read."""
        for _ in range(MESSAGE_TRIES):
            known = self.read()
            if known.run_id != run_id or (only_new and name in known.messages):
                return False
            unchanged: ConditionBase = Attr("messages").not_exists()
            if known.messages:
                unchanged = Attr("messages").eq(json.dumps(dict(known.messages)))
            messages = {**known.messages, name: round(moment, 3)}
            if self._write({"messages": messages}, is_of(run_id) & unchanged) is not None:
                return True
        return False

    def request_abort(self, run_id: str, reason: str) -> bool:
        """Request that the run stops. False when it is over, decided, or not this run."""
        return self._write({"abort": reason}, is_of(run_id) & HELD & UNDECIDED) is not None

    def request_go(self, run_id: str) -> None:
        """Show that the run is ready and waits for the go. Harmless to repeat: a go that was given stays."""
        self._write({"go_state": "awaited"}, is_of(run_id) & HELD & MAY_GO & Attr("go_state").not_exists())

    def give_go(self, run_id: str, *, by: str) -> bool:
        """Give the go, in the name of `by`. False unless this run waits for it, undecided and not requested to stop."""
        values: Attributes = {"go_state": "given", "go_by": by, "go_at": self._clock.now()}
        return self._write(values, is_of(run_id) & HELD & MAY_GO & Attr("go_state").eq("awaited")) is not None

    def hold(self, run_id: str, *, by: str) -> bool:
        """Take the go back. False when it was not given, or when the window has begun."""
        values: Attributes = {"go_state": "awaited", "go_by": by, "go_at": self._clock.now()}
        return self._write(values, is_of(run_id) & HELD & UNDECIDED & Attr("go_state").eq("given")) is not None

    def begin_window(self, run_id: str, *, needs_go: bool) -> bool:
        """Begin the window: from now on no hold is accepted. False when the go is missing (`needs_go`) or the run must stop. Harmless to repeat."""
        permitted = Attr("go_state").eq("given") if needs_go else Attr("go_state").not_exists()
        condition = is_of(run_id) & HELD & MAY_GO & (permitted | Attr("go_state").eq("begun"))
        return self._write({"go_state": "begun"}, condition) is not None

    def is_released(self, run_id: str) -> bool:
        """Return whether this run has released the lock, and no other run has acquired it since."""
        record = self.read()
        return record.run_id == run_id and not record.lock_expires

    def release(self, run_id: str) -> None:
        """Release the lock. The decision stays in the record, and so does the fact that a replica may be left."""
        self._write({"phase": "released"}, is_of(run_id), remove=self.REMOVED_ON_RELEASE)

    def _write(
        self, values: Attributes | RunFacts, condition: ConditionBase, *, remove: tuple[str, ...] = ()
    ) -> Record | None:
        """Write the values. Return the record after the write, None when the condition did not hold."""
        # Placeholders for all attribute names: `abort` and others are reserved words of DynamoDB.
        update = f"SET {', '.join(f'#{key} = :v_{key}' for key in values)}"
        update += f" REMOVE {', '.join(f'#{key}' for key in remove)}" if remove else ""
        built = ConditionExpressionBuilder().build_expression(condition)
        names = {f"#{key}": get_stored_name(key) for key in (*values, *remove)}
        given = {**{f":v_{key}": value for key, value in values.items()}, **built.attribute_value_placeholders}
        try:
            with translate_aws_errors("dynamodb:UpdateItem"):
                response = self._dynamodb.update_item(
                    TableName=self._table,
                    Key={"site": {"S": self._site}},
                    UpdateExpression=update,
                    ConditionExpression=built.condition_expression,
                    ExpressionAttributeNames={**names, **built.attribute_name_placeholders},
                    ExpressionAttributeValues={key: serialize(value) for key, value in given.items()},
                    ReturnValues="ALL_NEW",
                )
        except StepFailed as failed:
            cause = failed.__cause__
            if isinstance(cause, ClientError) and get_error_code(cause) == "ConditionalCheckFailedException":
                return None
            raise
        return parse_record(response.get("Attributes", {}))
