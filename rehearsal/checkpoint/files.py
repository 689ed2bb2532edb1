"""Save and restore EFS: the trees of all file systems, as reflink copies with owners, modes and times."""

from __future__ import annotations

import shutil

from rehearsal.checkpoint.context import CheckpointContext
from rehearsal.errors import RehearsalError
from rehearsal.world.shell import run


def save(context: CheckpointContext) -> list[str]:
    """Copy all trees. Nobody may write to them meanwhile. Return the ids of the file systems."""
    source, kept = context.settings.pool / "efs", context.folder / "efs"
    kept.mkdir()
    found = sorted(folder.name for folder in source.iterdir())
    for name in found:
        run("cp", "--archive", "--reflink=always", source / name, kept / name)
    return found


def restore(context: CheckpointContext, saved: list[str]) -> None:
    """Restore each tree below its file system's own folder, which stays the same: machines bind it.

    No machine may have it mounted. Raises RehearsalError when a file system was made or deleted since.
    """
    target, kept = context.settings.pool / "efs", context.folder / "efs"
    found = {folder.name for folder in target.iterdir()}
    if found != set(saved):
        names = ", ".join(sorted(found ^ set(saved)))
        raise RehearsalError(
            f"the file system {names} was made or deleted after the checkpoint: create the world again."
        )
    for name in saved:
        for entry in (target / name).iterdir():
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        run("cp", "--archive", "--reflink=always", f"{kept / name}/.", target / name)
