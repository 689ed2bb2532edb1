"""Writes of the run record: one DynamoDB item per site. A conditional write decides who holds the site and how the run ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from boto3.dynamodb.conditions import Attr

from common.clients.gated_runs import GatedRuns
from common.clients.run_conditions import (
    HELD,
    NOT_COMMITTED,
    UNDECIDED,
    is_of,
    is_unclaimed,
    is_unlocked,
)
from common.clients.run_messages import RunMessages
from common.clients.run_record import (
    COMMIT,
    LEASE_GRACE_SECONDS,
    PER_RUN,
    ROLLBACK,
    Attributes,
    Record,
    RunFacts,
    get_stored_name,
)
from common.clients.suspended_runs import SuspendedRuns
from common.clock import format_iso
from common.errors import CutoverError, LeaseLost, LockHeld, RetryableServiceError, RunAborted

if TYPE_CHECKING:
    pass


class Runs(SuspendedRuns, GatedRuns, RunMessages):
    """The run record of one site."""

    REMOVED_ON_RELEASE: tuple[str, ...] = ("lock_expires",)

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
            f"run {current.run_id} left the source frozen; the source opens by itself until {format_iso(current.source_opens_by)}",
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

    def request_abort(self, run_id: str, reason: str) -> bool:
        """Request that the run stops. False when it is over, decided, or not this run."""
        return self._write({"abort": reason}, is_of(run_id) & HELD & UNDECIDED) is not None

    def is_released(self, run_id: str) -> bool:
        """Return whether this run has released the lock, and no other run has acquired it since."""
        record = self.read()
        return record.run_id == run_id and not record.lock_expires

    def release(self, run_id: str) -> None:
        """Release the lock. The decision stays in the record, and so does the fact that a replica may be left."""
        self._write({"phase": "released"}, is_of(run_id), remove=self.REMOVED_ON_RELEASE)
