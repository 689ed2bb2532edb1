"""Restore the checkpoint: end everything that acts, switch the power off, put the old state back, boot."""

from __future__ import annotations

from datetime import UTC, datetime

from rehearsal.checkpoint import executions, files, groups, machines, records, replication, services
from rehearsal.checkpoint.context import CheckpointContext, Json, Report, require_service
from rehearsal.checkpoint.provider import ProviderCheckpoint, find_part
from rehearsal.checkpoint.save import get_folder
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings


def reset(settings: Settings, report: Report) -> None:
    """Restore the world as at its checkpoint, however it ended. Return when it serves and replicates as then.

    Raises RehearsalError. A reset that failed half way may be repeated.
    """
    context = CheckpointContext(settings, get_folder(settings), report)
    with require_service(settings):
        if not (context.folder / "facts.json").is_file():
            raise RehearsalError("there is no checkpoint of this world: `python -m rehearsal checkpoint` keeps one.")
        _return(context, context.read())


def _return(context: CheckpointContext, saved: Json) -> None:
    began, provider = datetime.now(UTC), find_part(context.settings)
    groups.suspend_balancer_checks(context, saved["groups"])
    lost = groups.find_changed(context, saved["groups"])
    grouped = {member for name in lost for member in saved["groups"][name]["members"]}
    kept = [machine for machine in saved["machines"] if machine not in grouped]
    _end(context, provider, kept, lost)
    _put_back(context, provider, saved, kept)
    if lost:
        with context.time_part("new members"):
            _replace(context, saved, kept, lost)
    context.run_together(
        replica=lambda: provider.wait_for_consistency(context, began),
        balancers=lambda: groups.wait_for_healthy_targets(context),
        images=lambda: machines.delete_later_images(context, saved["images"]),
    )
    groups.resume_balancer_checks(context, saved["groups"])


def _end(context: CheckpointContext, provider: ProviderCheckpoint, kept: list[str], lost: list[str]) -> None:
    """End whatever could act on the world, in the order in which one would start the other. Then cut the power of the machines."""
    with context.time_part("executions"):
        executions.clear_faults(context)  # first: what they hold begins now, and is ended with the rest
        provider.clear_faults(context)
        executions.stop(context)
    with context.time_part("provider and engines"):
        provider.halt(context)
        replication.halt(context)
    with context.time_part("power off"):
        context.run_together(
            machines=lambda: machines.cut_power(context, kept),
            later_machines=lambda: machines.terminate_later(context, kept),
            groups=lambda: groups.empty(context, lost),
        )


def _put_back(context: CheckpointContext, provider: ProviderCheckpoint, saved: Json, kept: list[str]) -> None:
    """Boot databases at once, and let the replication follow. The others wait for what they need when they boot."""
    databases = machines.select_databases(context, kept)

    def boot_databases() -> None:
        with context.time_part("boot databases"):
            machines.put_back(context, databases)
        replication.resume(context, saved["tasks"])

    def boot_others() -> None:
        context.run_together(
            files=lambda: files.restore(context, saved["files"]),
            records=lambda: records.restore(context, saved["records"]),
            # Before its agents boot: an agent that finds no service waits longer before each attempt.
            provider=lambda: provider.put_back(context, saved["provider"]),
        )
        members = [one for group in saved["groups"].values() for one in group["members"] if one in kept]
        context.run_together(
            boot_others=lambda: machines.put_back(context, [one for one in kept if one not in databases]),
            site=lambda: services.wait_for_site(context, saved["records"]["names"]),
            members=lambda: services.wait_for_members(context, members),
        )

    context.run_together(databases_and_replication=boot_databases, others=boot_others)


def _replace(context: CheckpointContext, saved: Json, kept: list[str], lost: list[str]) -> None:
    """Give new members to groups that lost some. They are part of the checkpoint from now on."""
    saved["groups"] = groups.fill(context, saved["groups"], lost)
    fresh = [member for name in lost for member in saved["groups"][name]["members"]]
    services.wait_for_members(context, fresh)
    machines.save(context, fresh)
    saved["machines"] = [*kept, *fresh]
    context.write(saved)
