"""List the resources that runs of a site and its provider have left and that cost money, and remove those that certainly belong to no run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from common.clients.resources import UNUSED, Finding, Resource, find_production_tag
from common.clients.run_record import ROLLBACK, Record
from common.errors import CutoverError, StepFailed

from operate.suspended import KEPT_FOR, RemovalClients, is_kept, remove_suspended

SITE, RUN, ROLE, REPLICA = "cutover:site", "cutover:run-id", "cutover:role", "replica"
WHAT = {
    "instance": "replica of a test launch or a cutover",
    "volume": "disk of a replica",
    "image": "image of a test launch, with its snapshots",
    "snapshot": "snapshot of an image that is gone",
    "launch template": "launch template of a replica",
}


class OrphanedClients(RemovalClients, Protocol):
    """The part of operate.site.Site that this needs."""

    @property
    def name(self) -> str: ...

    def list_runs(self) -> set[str]: ...

    def list_staging(self) -> list[Finding] | None: ...


def list_orphaned(site: OrphanedClients, print_line: Callable[[str], None], *, remove: bool) -> list[Finding]:
    """Print every resource with what it is and why it may go or stays, and return them. With `remove`, remove those that may go.

    Without it nothing changes. StepFailed when a removal failed, after the others.
    """
    staging = site.list_staging()
    findings = [*_list_findings(site), *(staging or [])]
    for one in findings:
        print_line(_format(one))
    if staging is None:
        print_line(
            "not checked: replication servers and converters, which the provider runs with its own credentials; look at them there"
        )
    removable = [one for one in findings if one.is_removable]
    if not findings:
        print_line("nothing is left")
    elif not remove:
        print_line(f"{len(removable)} of {len(findings)} may go: run this command with --yes; nothing was changed")
    else:
        _remove(site, removable, print_line)
    return findings


def _list_findings(site: OrphanedClients) -> list[Finding]:
    """Evaluate what has the tags of this site's replicas. Every tag is required: other resources are somebody else's."""
    record, runs = site.read_record(), site.list_runs()
    found = site.resources.list_all({SITE: site.name, ROLE: REPLICA})
    return [evaluate(one, record, runs, find_user=site.resources.find_user) for one in found]


def evaluate(
    resource: Resource, record: Record, runs: Iterable[str], *, find_user: Callable[[Resource], str]
) -> Finding:
    """Return whether the resource may go. `runs`: those that are resources of the stack now."""
    run = resource.tags.get(RUN, "")
    keep = _find_reason_to_keep(resource, run, record, set(runs), find_user)
    suspension = record.suspension
    if not keep and suspension is not None and is_kept(resource, suspension):
        reason = f"run {suspension.run_id} failed in {suspension.phase}, and its replica is {KEPT_FOR} until {suspension.describe_end()}"
    else:
        reason = keep or f"run {run} is over, and nothing uses it"
    return Finding(resource=resource, what=WHAT[resource.kind], reason=reason, is_removable=not keep)


def _find_reason_to_keep(
    resource: Resource, run: str, record: Record, runs: set[str], find_user: Callable[[Resource], str]
) -> str:
    if not run:
        return "it has no tag of a run: look at it yourself"
    if tag := find_production_tag(resource.tags):
        return f"it has the tag {tag}"
    if record.lock_expires and run in _list_runs_in_use(record):
        return f"run {record.run_id} holds the site now"
    if record.suspension is not None and resource.kind == "launch template" and run in _list_runs_in_use(record):
        return "the replica that is kept was launched from it"
    if resource.kind == "volume" and resource.state != UNUSED:
        return "an instance uses it, and it goes with the instance"
    if resource.kind in ("image", "snapshot"):
        if run in runs:
            return f"run {run} is the one of the stack, whose servers start from this image"
        if run == record.run_id and record.decision != ROLLBACK:  # the stack may be about to start servers from it
            return f"run {run} is the last one of the site"
        if resource.kind == "image" and (user := find_user(resource)):
            return f"{user} uses it"
    return ""


def _list_runs_in_use(record: Record) -> set[str]:
    """Return the runs whose resources the run of the record uses or may use: its own, and those of a replica that it takes over."""
    launched = [record.finished, record.suspension.checkpoint if record.suspension else None]
    return {record.run_id, *(one.launched_by for one in launched if one is not None)}


def _remove(site: OrphanedClients, removable: Iterable[Finding], print_line: Callable[[str], None]) -> None:
    """Remove each of them. One that fails does not keep the others."""
    failed = []
    suspension = site.read_record().suspension
    for one in removable:
        name = f"{one.resource.kind} {one.resource.resource_id}"
        try:
            if suspension is not None and is_kept(one.resource, suspension):
                remove_suspended(site, print_line)
                continue
            print_line(f"removed: {name}" if site.resources.remove(one.resource) else f"already gone: {name}")
        except CutoverError as error:
            failed.append(f"{name}: {error.reason}")
    if failed:
        raise StepFailed(
            f"not removed: {'; '.join(failed)}", next_action="run this command again, or remove them in EC2"
        )


def _format(finding: Finding) -> str:
    resource = finding.resource
    name = f"{resource.kind} {resource.resource_id}" + (f" ({resource.state})" if resource.state else "")
    return f"{'may go' if finding.is_removable else 'stays '}  {name}: {finding.what}; {finding.reason}"
