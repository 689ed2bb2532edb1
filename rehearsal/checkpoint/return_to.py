"""Goes back to the checkpoint: everything that acts ends, the power goes, the old state comes, the power is back."""

from __future__ import annotations

from datetime import UTC, datetime

from rehearsal.checkpoint import console, executions, files, groups, machines, records, replication, serving
from rehearsal.checkpoint.keep import place
from rehearsal.checkpoint.scene import Json, Report, Scene, spoken
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings


def reset(settings: Settings, report: Report) -> None:
    """The world as at its checkpoint, however it ended: returns when it serves and replicates as then.

    Raises RehearsalError; a reset that failed half way may be repeated.
    """
    scene = Scene(settings, place(settings), report)
    with spoken(settings):
        if not (scene.folder / "facts.json").is_file():
            raise RehearsalError("there is no checkpoint of this world: `python -m rehearsal checkpoint` keeps one.")
        _return(scene, scene.read())


def _return(scene: Scene, saved: Json) -> None:
    began = datetime.now(UTC)
    groups.hold(scene, saved["groups"])
    lost = groups.broken(scene, saved["groups"])
    grouped = {member for name in lost for member in saved["groups"][name]["members"]}
    kept = [machine for machine in saved["machines"] if machine not in grouped]
    _end(scene, kept, lost)
    _put_back(scene, saved, kept)
    if lost:
        with scene.part("new members"):
            _replace(scene, saved, kept, lost)
    scene.together(
        replica=lambda: console.await_consistent(scene, began),
        balancers=lambda: groups.await_healthy(scene),
        images=lambda: machines.drop_later_images(scene, saved["images"]),
    )
    groups.release(scene, saved["groups"])


def _end(scene: Scene, kept: list[str], lost: list[str]) -> None:
    """Whatever could act on the world, in the order in which one would start the other. Then the machines' power."""
    with scene.part("executions"):
        executions.clear_faults(scene)  # first: what they hold begins now, and is ended with the rest
        executions.stop(scene)
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
    """Databases boot at once, and replication follows. The others wait for what they ask for when they boot."""
    databases = machines.databases(scene, kept)

    def boot_databases() -> None:
        with scene.part("boot databases"):
            machines.put_back(scene, databases)
        replication.resume(scene, saved["tasks"])

    def boot_others() -> None:
        scene.together(
            files=lambda: files.restore(scene, saved["files"]),
            records=lambda: records.restore(scene, saved["records"]),
            console=lambda: _restore_console(scene, saved),
        )
        members = [one for group in saved["groups"].values() for one in group["members"] if one in kept]
        scene.together(
            boot_others=lambda: machines.put_back(scene, [one for one in kept if one not in databases]),
            site=lambda: serving.await_site(scene, saved["records"]["names"]),
            members=lambda: serving.await_members(scene, members),
        )

    scene.together(databases_and_replication=boot_databases, others=boot_others)


def _restore_console(scene: Scene, saved: Json) -> None:
    """It serves before its agents boot: one that finds nobody tries again later and later."""
    console.restore(scene)
    console.revive(scene, saved["console"])


def _replace(scene: Scene, saved: Json, kept: list[str], lost: list[str]) -> None:
    """New members for a group that lost some; they are of the checkpoint from now on."""
    saved["groups"] = groups.fill(scene, saved["groups"], lost)
    fresh = [member for name in lost for member in saved["groups"][name]["members"]]
    serving.await_members(scene, fresh)
    machines.save(scene, fresh)
    saved["machines"] = [*kept, *fresh]
    scene.write(saved)
