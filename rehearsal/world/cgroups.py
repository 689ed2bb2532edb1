"""A control group of its own for each machine.

systemd counts and kills a unit's processes by their control group. systemd-nspawn puts a machine below the group that it was started in: two
machines that were started in the same one would share `system.slice/ssh.service`, and the one's restart would kill the other's service.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from rehearsal.settings import Settings

MOUNT = Path("/sys/fs/cgroup")
HIERARCHIES = {"name=systemd": "systemd", "": "unified"}
"""those that systemd keeps its units in, by the name that /proc/self/cgroup gives them: folder below MOUNT, where there is more than one"""
# In its group before it is systemd-nspawn: the machine's own groups are made below it.
_ENTER = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs" || exit 1; shift; done; shift; exec "$@"'


def wrap_command(settings: Settings, machine: str, command: list[str]) -> list[str]:
    """Return the command that runs `command` in the machine's group, and make the group."""
    folders = [group / settings.name_namespace(machine) for group in _list_own_groups()]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    return ["/bin/sh", "-c", _ENTER, "sh", *map(str, folders), "--", *command]


def remove(settings: Settings, machine: str = "") -> None:
    """Remove the control group of an ended machine, or of all machines of a world."""
    for folder in list_existing(settings, machine):
        for path, _, _ in os.walk(folder, topdown=False):
            with contextlib.suppress(OSError):  # somebody is still in it
                Path(path).rmdir()


def list_existing(settings: Settings, machine: str = "") -> list[Path]:
    """Return the groups that exist of one machine, or of every machine of the world."""
    wanted = settings.name_namespace(machine)
    found = [Path(path) for root in _list_roots() for path, _, _ in os.walk(root)]
    return [path for path in found if (path.name == wanted if machine else path.name.startswith(wanted))]


def _list_roots() -> Iterator[Path]:
    for folder in HIERARCHIES.values():
        if (MOUNT / folder).is_dir():
            yield MOUNT / folder
    if (MOUNT / "cgroup.controllers").exists():
        yield MOUNT


def _list_own_groups() -> Iterator[Path]:
    """Yield this process's group in each of the hierarchies."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        folder = HIERARCHIES.get(names)
        if folder is None:
            continue
        root = MOUNT / folder if (MOUNT / folder).is_dir() else MOUNT
        yield root / path.lstrip("/")
