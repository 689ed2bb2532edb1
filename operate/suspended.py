"""A suspended run, for operators: what the next run takes over of it, and the removal of its launch or replica before its time is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from common.clients.resources import Resource, Resources, find_production_tag
from common.clients.run_record import Record
from common.clients.runs import Runs
from common.clock import format_iso
from common.errors import StepFailed
from common.suspension import Suspension
from procedure.logic.resume import list_valid_steps
from procedure.plan import BEFORE_WINDOW, LOCK, TAKE_OVER
from procedure.validities import VALIDITIES

REPLICA_TAGS = {"cutover:role": "replica"}
RUN_TAG = "cutover:run-id"
KEPT_FOR = "kept for `cutover resume`"
DEPLOY = "npx cdk deploy MigrationStack"


class RemovalClients(Protocol):
    """The part of operate.site.Site that the removal needs."""

    @property
    def runs(self) -> Runs: ...

    @property
    def resources(self) -> Resources: ...

    def read_record(self) -> Record: ...


def find_suspension(record: Record, *, now: float) -> Suspension:
    """Return the suspended run that the next run can take over. StepFailed when there is none, with the reason."""
    suspension = record.suspension
    if record.committed:
        raise StepFailed(f"run {record.run_id} has moved the site", next_action="nothing is left to resume")
    if record.lock_expires > now:
        raise StepFailed(
            f"run {record.run_id} holds the site", next_action="look at it with `cutover status`; it resumes by itself"
        )
    if suspension is None:
        raise StepFailed("no run is suspended: there is nothing to take over", next_action=f"start a run: {DEPLOY}")
    if now >= suspension.until:
        raise StepFailed(
            f"run {suspension.run_id} was kept until {format_iso(suspension.until)}, and its replica is being removed",
            next_action=f"start a new run: {DEPLOY}",
        )
    return suspension


def list_steps(suspension: Suspension, *, now: float) -> list[dict[str, Any]]:
    """Return each step before the window: whether the next run takes it over, its age, its validity, and the reason.

    The run itself decides finally: it also looks at the settings, at the provider and at the replica.
    """
    finished = suspension.checkpoint.finished
    valid = list_valid_steps(finished, now=now)
    return [
        {
            "step": step.name,
            "taken_over": step.name in valid,
            "age_seconds": round(now - finished[step.name]) if step.name in finished else None,
            "valid_seconds": VALIDITIES[step.name].seconds,
            "reason": VALIDITIES[step.name].reason,
        }
        for step in BEFORE_WINDOW
        if step not in (LOCK, TAKE_OVER)
    ]


def remove_suspended(site: RemovalClients, report: Callable[[str], object]) -> None:
    """Remove the replica of the suspended run with the operator's own rights in EC2. StepFailed when a run holds the site now.

    A launch that has no machine yet cannot be removed in EC2. Its suspension ends instead: the function in AWS, which reaches the provider, then removes it.
    """
    suspension = site.read_record().suspension
    if suspension is None:
        return
    claim = site.runs.claim_removal(suspension)
    if not claim:
        raise StepFailed(
            f"the replica of run {suspension.run_id} cannot be removed: a run holds the site, or somebody else removes it",
            next_action="look at it with `cutover status`, then run this command again",
        )
    is_gone = False
    try:
        ours = [one for one in site.resources.list_instances(REPLICA_TAGS) if is_kept(one, suspension)]
        for one in ours:
            if tag := find_production_tag(one.tags):
                raise StepFailed(f"it has the tag {tag}", machine=one.resource_id, next_action="look at it yourself")
            site.resources.remove(one)
        is_gone = bool(ours or suspension.checkpoint.instance_id)
    finally:
        site.runs.end_removal(suspension, claim=claim, is_gone=is_gone)
    if is_gone:
        removed = suspension.checkpoint.instance_id or ", ".join(one.resource_id for one in ours)
        report(f"removed: instance {removed}, the replica that run {suspension.run_id} had kept")
        return
    site.runs.end_suspension(suspension)
    report(
        f"{suspension.checkpoint.describe()} of run {suspension.run_id} has no machine in EC2 yet: within minutes after the launch, "
        "the function that looks for suspended runs removes what it has made"
    )


def is_kept(resource: Resource, suspension: Suspension) -> bool:
    """Return whether the instance is the one that is kept. While only its launch is known, it is any machine of the run that launched it."""
    checkpoint = suspension.checkpoint
    if checkpoint.instance_id or resource.kind != "instance":
        return resource.resource_id == checkpoint.instance_id
    return resource.tags.get(RUN_TAG) == checkpoint.launched_by
