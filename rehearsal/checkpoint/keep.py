"""Takes the checkpoint."""

from __future__ import annotations

import shutil
from pathlib import Path

from rehearsal.checkpoint import console, files, groups, machines, records, replication, serving
from rehearsal.checkpoint.scene import Json, Report, Scene, spoken
from rehearsal.settings import Settings

SERVES_SECONDS = 2.0


def place(settings: Settings) -> Path:
    return settings.pool / "checkpoint"


def checkpoint(settings: Settings, report: Report) -> None:
    """Keep the world as it is. It must be at rest but for its replication: nobody writes, and no job or launch is under way.

    The replication stands still for the moment. A checkpoint that fails leaves the one before. Raises RehearsalError.
    """
    with spoken(settings):
        half = settings.pool / "checkpoint.half"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        try:
            _fill(Scene(settings, half, report))
            shutil.rmtree(place(settings), ignore_errors=True)
            half.rename(place(settings))
        finally:
            shutil.rmtree(half, ignore_errors=True)


def _fill(scene: Scene) -> None:
    """The replication rests while disks are taken, so that its position is true of both of them."""
    everybody, members = machines.present(scene), groups.save(scene)
    facts: Json = {"machines": everybody, "groups": members, "images": machines.images(scene)}
    facts.update(console=console.variables(scene), records=records.save(scene))
    serving.await_site(scene, facts["records"]["names"], SERVES_SECONDS)
    with scene.part("stop the replication"):
        running = replication.rest(scene)
    try:
        found = scene.together(
            disks=lambda: machines.save(scene, everybody),
            files=lambda: files.save(scene),
            console=lambda: console.save(scene),
        )
    finally:
        with scene.part("resume the replication"):
            replication.resume(scene, running)
    scene.write({**facts, "tasks": running, "files": found["files"]})
