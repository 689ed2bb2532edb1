"""Writes of the run record that concern a suspended run: it keeps its replica, a later run takes it over, or somebody removes it."""

from __future__ import annotations

from dataclasses import replace

from boto3.dynamodb.conditions import Attr

from common.clients.run_conditions import (
    HELD,
    NEVER_FROZEN,
    UNDECIDED,
    is_of,
    is_suspended,
    is_unclaimed,
    is_unlocked,
)
from common.clients.run_item import RunItem
from common.clients.run_record import ROLLBACK, Attributes, get_stored_name
from common.suspension import Checkpoint, Suspension

REMOVAL_SECONDS = 120
"""for which a claim of a suspended replica lasts, longer than the function that removes it may work"""


class SuspendedRuns(RunItem):
    """A part of common.clients.runs.Runs."""

    def save_checkpoint(self, run_id: str, checkpoint: Checkpoint) -> bool:
        """Save what this run has finished. False when it is decided, or has sent a freeze: an invocation may end long after its successor."""
        condition = is_of(run_id) & HELD & UNDECIDED & NEVER_FROZEN
        return self._write({"checkpoint": checkpoint.to_json()}, condition) is not None

    def suspend(self, run_id: str, suspension: Suspension) -> bool:
        """Keep the replica of this run for a later one, instead of its removal. False when that is not permitted.

        The run has rolled back, has never sent a freeze, was not requested to stop, has a checkpoint, and its replica was not removed. From now on
        the replica does not belong to this run any more, and its deletion does not remove it.
        """
        condition = is_of(run_id) & HELD & Attr("decision").eq(ROLLBACK) & Attr("abort").not_exists() & NEVER_FROZEN
        owns_replica = Attr("checkpoint").exists() & Attr(get_stored_name("expected_report")).eq("CUTOVER")
        values: Attributes = {"suspended": suspension.to_json(), "expected_report": ""}
        return self._write(values, condition & owns_replica, remove=("checkpoint",)) is not None

    def take_over(self, run_id: str, suspension: Suspension, checkpoint: Checkpoint) -> bool:
        """Make the replica of a suspended run that of this run. False when it is not there to be taken over (any more)."""
        values: Attributes = {"checkpoint": checkpoint.to_json(), "expected_report": "CUTOVER"}
        condition = is_of(run_id) & HELD & UNDECIDED & is_suspended(suspension)
        return self._write(values, condition, remove=("suspended",)) is not None

    def forget_suspended(self, run_id: str, suspension: Suspension) -> None:
        """Record that the replica of a suspended run is gone. For the run that holds the site."""
        condition = is_of(run_id) & HELD & is_suspended(suspension)
        self._write({"removal_until": 0.0}, condition, remove=("suspended",))

    def end_suspension(self, suspension: Suspension) -> bool:
        """End the time of a suspension now: nobody takes it over any more, and the schedule removes its replica. False when it is not there any more."""
        now = round(self._clock.now(), 3)
        ended = replace(suspension, until=min(now, suspension.until))
        return self._write({"suspended": ended.to_json()}, is_suspended(suspension)) is not None

    def claim_removal(self, suspension: Suspension) -> float:
        """Keep every run from beginning for REMOVAL_SECONDS, to remove the replica meanwhile. Return until when (epoch seconds).

        0 when a run holds the site, when somebody else has the claim, or when the replica was taken over.
        """
        now = self._clock.now()
        until = round(now + REMOVAL_SECONDS, 3)
        written = self._write({"removal_until": until}, is_unlocked(now) & is_unclaimed(now) & is_suspended(suspension))
        return 0.0 if written is None else until

    def end_removal(self, suspension: Suspension, *, is_gone: bool, claim: float = 0.0) -> None:
        """End the claim. `is_gone`: nothing is left of the replica, so no run is suspended any more.

        `claim`: what `claim_removal` has returned. A claim of somebody else, made after this one has expired, stays.
        """
        condition = is_suspended(suspension)
        if claim:
            condition &= Attr("removal_until").eq(claim)
        self._write({"removal_until": 0.0}, condition, remove=("suspended",) if is_gone else ())
