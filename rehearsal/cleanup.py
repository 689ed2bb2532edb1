"""Remove what a world took from the machine, whatever state it is in: also after a crash, kill -9 or Ctrl-C.

Nothing is remembered for it: processes are found by their mark and namespaces, mounts and loop devices by their path
below the world's folder, namespaces by their name. So there is no list that could be incomplete.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
from pathlib import Path

from rehearsal import processes
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from rehearsal.world import cgroups, namespaces, records, reflink
from rehearsal.world.cache import remove
from rehearsal.world.nspawn import PROPAGATE
from rehearsal.world.shell import run

_KILL_SECONDS = 20.0
_FILES = ("pool.raw", "pool.half", "pool", "mounts", "state", "aws", "cloudendure", "dms", "migration.toml")
"""What is true only as long as the world's AWS runs, which keeps its own state in memory."""


def remove_all(settings: Settings) -> None:
    """Remove every process, mount, loop device, namespace and control group of the world. Its files stay.

    Raises RehearsalError that names what is left and who holds it.
    """
    for mount in list_mounts(settings):
        reflink.thaw_mount(mount)  # whoever froze it for a snapshot may be dead; a process that writes to it cannot end
    for _ in range(3):  # a process that was just starting another one may be found only at the second look
        if not (left := processes.list_world_processes(settings)):
            break
        processes.end(left, signal.SIGKILL, _KILL_SECONDS)
    for mount in reversed(list_mounts(settings)):
        lazy = ["--lazy"] if mount == settings.home else []  # see mounts.share_mounts
        run("umount", *lazy, mount, accept=(0, 1, 32))
    for device in list_loop_devices(settings):
        run("losetup", "--detach", device, accept=(0, 1))
    for name in namespaces.list_existing(settings.name_namespace("")):
        namespaces.delete(name)
    for machine in records.list_machines(settings):
        with contextlib.suppress(OSError):
            (PROPAGATE / machine.id).rmdir()
    for folder in namespaces.RESOLVER_FOLDER.glob(f"{settings.name_namespace('')}*"):
        shutil.rmtree(folder)
    cgroups.remove(settings)
    if left_over := list_leftovers(settings):
        raise RehearsalError(f"Not everything could be removed: {'; '.join(left_over)}.")


def discard(settings: Settings, *, logs: bool) -> None:
    """Remove the files of a swept world, down to a blank one; its logs only when asked. Evidence and downloads stay."""
    if mounted := list_mounts(settings):  # removing below a mount would remove what is on it
        raise RehearsalError(f"{mounted[0]} is still mounted.")
    for name in (*_FILES, *(("logs",) if logs else ())):
        remove(settings.home / name)


def list_leftovers(settings: Settings) -> list[str]:
    """Return a short description of each resource of the machine that a world still uses; empty after `down`."""
    return [
        *(f"process {process}" for process in processes.list_world_processes(settings)),
        *(f"mount {mount} (used by {_list_holders(mount) or 'nobody we can see'})" for mount in list_mounts(settings)),
        *(f"loop device {device}" for device in list_loop_devices(settings)),
        *(f"network namespace {name}" for name in namespaces.list_existing(settings.name_namespace(""))),
        *(f"control group {group}" for group in cgroups.list_existing(settings)),
    ]


def list_mounts(settings: Settings) -> list[Path]:
    """Mount points below the world's folder, and those of an interrupted image build; in the order of mounting."""
    points = [Path(_unescape(line.split()[4])) for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [point for point in points if _is_ours(settings, point)]


def list_loop_devices(settings: Settings) -> list[str]:
    """Return the loop devices on the world's files."""
    found: list[str] = []
    for file in Path("/sys/block").glob("loop*/loop/backing_file"):
        try:
            backing = Path(file.read_text().strip().removesuffix(" (deleted)"))
        except OSError:  # ENXIO: released meanwhile
            continue
        if backing.is_relative_to(settings.home):
            found.append(f"/dev/{file.parent.parent.name}")
    return found


def _is_ours(settings: Settings, point: Path) -> bool:
    if point.is_relative_to(settings.home):
        return True
    # Made by images.work_on_mounted in the cache, which worlds share: it is rubbish once its maker is gone.
    if point.parent == settings.cache and point.name.startswith(".mount-"):
        maker = point.name.split("-")[1]
        return not Path(f"/proc/{maker}").exists()
    return False


def _list_holders(mount: Path) -> str:
    """Return the ids of processes that have a file or their current folder on this mount."""
    found: set[str] = set()
    for pattern in ("[0-9]*/cwd", "[0-9]*/root", "[0-9]*/fd/*"):
        for link in Path("/proc").glob(pattern):
            try:
                if link.readlink().is_relative_to(mount):
                    found.add(link.relative_to("/proc").parts[0])
            except OSError:
                continue
    return ", ".join(sorted(found))


def _unescape(path: str) -> str:
    """Return a path of mountinfo, which writes space, tab, newline and backslash as octal escapes."""
    return path.encode().decode("unicode_escape").encode("latin-1").decode()
