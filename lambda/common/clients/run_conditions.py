"""The conditions under which attributes of the run record are written. A conditional write decides who holds the site and how the run ends."""

from __future__ import annotations

from boto3.dynamodb.conditions import Attr, ConditionBase

from common.clients.run_record import COMMIT, format_json
from common.suspension import Suspension

HELD = Attr("lock_expires").exists()
UNDECIDED = Attr("decision").not_exists()
MAY_GO = UNDECIDED & Attr("abort").not_exists()
"""a go and a request to stop exclude each other: the request wins, because the window does not begin after it"""
NOT_COMMITTED = UNDECIDED | Attr("decision").ne(COMMIT)
NEVER_FROZEN = Attr("lease_expires").not_exists()
"""of a run: every freeze writes the lease first, and nothing but another run's lock removes the attribute"""


def is_of(run_id: str) -> ConditionBase:
    """Return the condition that the record is of this run."""
    return Attr("run_id").eq(run_id)


def is_unlocked(now: float) -> ConditionBase:
    """Return the condition that no run holds the site, or that its lock has run out."""
    return Attr("lock_expires").not_exists() | Attr("lock_expires").lt(now)


def is_unclaimed(now: float) -> ConditionBase:
    """Return the condition that nobody removes the replica of a suspended run."""
    return Attr("removal_until").not_exists() | Attr("removal_until").lt(now)


def is_suspended(suspension: Suspension) -> ConditionBase:
    """Return the condition that the record still has this suspension."""
    return Attr("suspended").eq(format_json(suspension.to_json()))
