"""Goes back to the checkpoint: everything that acts ends, the power goes, the old state comes, the power is back."""

from __future__ import annotations

from datetime import UTC, datetime

from rehearsal.checkpoint import console, executions, files, groups, machines, records, replication, serving
from rehearsal.checkpoint.keep import place
from rehearsal.checkpoint.scene import Json, Report, Scene
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings


def reset(settings: Settings, report: Report) -> None:
    """The world as at its checkpoint, however it ended: returns when it serves and replicates as then.

    Raises RehearsalError; a reset that failed half way may be repeated.
    """
    scene = Scene(settings, place(settings), report)
    if not (scene.folder / "facts.json").is_file():
        raise RehearsalError("there is no checkpoint of this world: `python -m rehearsal checkpoint` keeps one.")
    saved = scene.read()
    lost = groups.broken(scene, saved["groups"])
    grouped = {member for name in lost for member in saved["groups"][name]["members"]}
    kept = [machine for machine in saved["machines"] if machine not in grouped]
    _end(scene, kept, lost)
    _put_back(scene, saved, kept)
    if lost:
        with scene.part("new members"):
            _replace(scene, saved, kept, lost)
    began = datetime.now(UTC)
    scene.together(
        site=lambda: serving.await_site(scene, saved["records"]["names"]),
        members=lambda: serving.await_members(scene, saved["groups"]),
        replication=lambda: replication.resume(scene, saved["tasks"]),
        replica=lambda: console.await_consistent(scene, began),
        balancers=lambda: groups.await_healthy(scene),
    )


def _end(scene: Scene, kept: list[str], lost: list[str]) -> None:
    """Whatever could act on the world, in the order in which one would start the other. Then the machines' power."""
    with scene.part("executions"):
        executions.stop(scene)
        executions.clear_faults(scene)
    with scene.part("console and engines"):
        console.crash(scene)
        replication.halt(scene)
    with scene.part("power off"):
        scene.together(
            machines=lambda: machines.cut_power(scene, kept),
            later_machines=lambda: machines.end_later_ones(scene, kept),
            groups=lambda: groups.empty(scene, lost),
        )


def _put_back(scene: Scene, saved: Json, kept: list[str]) -> None:
    """Nothing runs: files and records first, because machines read them when they boot."""
    scene.together(
        files=lambda: files.restore(scene, saved["files"]),
        records=lambda: records.restore(scene, saved["records"]),
        images=lambda: machines.drop_later_images(scene, saved["images"]),
        replicas=lambda: console.restore(scene),
    )
    scene.together(
        boot=lambda: machines.put_back(scene, kept),
        console=lambda: console.revive(scene, saved["console"]),
    )


def _replace(scene: Scene, saved: Json, kept: list[str], lost: list[str]) -> None:
    """New members for a group that lost some; they are of the checkpoint from now on."""
    saved["groups"] = groups.fill(scene, saved["groups"], lost)
    serving.await_members(scene, saved["groups"])
    fresh = [member for name in lost for member in saved["groups"][name]["members"]]
    machines.save(scene, fresh)
    saved["machines"] = [*kept, *fresh]
    scene.write(saved)
