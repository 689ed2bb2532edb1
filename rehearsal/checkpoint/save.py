"""Save the checkpoint."""

from __future__ import annotations

import shutil
from pathlib import Path

from rehearsal.checkpoint import files, groups, machines, records, replication, services
from rehearsal.checkpoint.context import CheckpointContext, Json, Report, require_service
from rehearsal.checkpoint.provider import find_part
from rehearsal.settings import Settings

SERVES_SECONDS = 2.0


def get_folder(settings: Settings) -> Path:
    """Return the folder of the world's checkpoint."""
    return settings.pool / "checkpoint"


def save_checkpoint(settings: Settings, report: Report) -> None:
    """Save the world as it is.

    It must be at rest but for its replication: nobody writes, and no job or launch is in progress. The replication stops
    meanwhile. A checkpoint that fails leaves the one before. Raises RehearsalError.
    """
    with require_service(settings):
        half = settings.pool / "checkpoint.half"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        try:
            _fill(CheckpointContext(settings, half, report))
            shutil.rmtree(get_folder(settings), ignore_errors=True)
            half.rename(get_folder(settings))
        finally:
            shutil.rmtree(half, ignore_errors=True)


def _fill(context: CheckpointContext) -> None:
    """Save every part. The replication is stopped while the disks are copied, so that its position fits both databases."""
    provider = find_part(context.settings)
    everybody, members = machines.list_running(context), groups.save(context)
    facts: Json = {"machines": everybody, "groups": members, "images": machines.list_images(context)}
    facts.update(provider=provider.read_variables(context), records=records.save(context))
    services.wait_for_site(context, facts["records"]["names"], SERVES_SECONDS)
    with context.time_part("stop the replication"):
        running = replication.stop(context)
    try:
        found = context.run_together(
            disks=lambda: machines.save(context, everybody),
            files=lambda: files.save(context),
            provider=lambda: provider.save(context),
        )
    finally:
        with context.time_part("resume the replication"):
            replication.resume(context, running)
    context.write({**facts, "tasks": running, "files": found["files"]})
