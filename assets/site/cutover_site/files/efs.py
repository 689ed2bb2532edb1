"""The shared file system (EFS): mounted whole at /mnt/efs, with one of its two trees bind-mounted at the data root."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Literal

from cutover_site.aws.partitions import find_partition
from cutover_site.errors import CommandFailed, SiteError
from cutover_site.files import data_roots
from cutover_site.machine import Machine
from cutover_site.system.commands import run

TargetMode = Literal["scratch", "live"]
# Two servers share the repositories, so a name that did not exist may have been created by the other server. An NFS client that caches such
# negative entries fails a push or a clone for up to a minute (nfs(5), lookupcache; GitLab requires it too).
LOOKUPS = "lookupcache=positive"
# AWS's recommended options for the plain NFS client, and ours.
NFS_OPTIONS = f"nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,{LOOKUPS}"


class NotMounted(SiteError):
    """The shared file system is not mounted; the application must not start."""


def mount(machine: Machine) -> Path:
    """Mount the whole file system at /mnt/efs. Return that path. Raises NotMounted.

    Traffic is encrypted only where amazon-efs-utils is installed, which Ubuntu does not package.
    """
    place = machine.layout.efs
    if place.is_mount():
        return place
    place.mkdir(parents=True, exist_ok=True)
    name = str(machine.get_fact("file_system_id"))
    try:
        if shutil.which("mount.efs"):
            run("mount", "-t", "efs", "-o", f"tls,{LOOKUPS}", f"{name}:/", str(place), timeout=90)
        else:
            region = machine.config.region
            address = f"{name}.efs.{region}.{find_partition(region).dns_suffix}:/"
            run("mount", "-t", "nfs4", "-o", NFS_OPTIONS, address, str(place), timeout=90)
    except CommandFailed as error:
        raise NotMounted(
            f"file system {name} cannot be mounted: {error.reason}",
            next_action="check the mount targets, the security groups and that nfs-common is installed",
        ) from error
    return place


def mount_tree(machine: Machine, mode: TargetMode) -> Path:
    """Return `/mnt/efs/live` or `/mnt/efs/scratch`. Mounts the file system and creates the folder if necessary."""
    folder = mount(machine) / mode
    if not folder.exists():
        folder.mkdir(mode=0o750)
        _set_owner(machine, folder)
    return folder


def bind(machine: Machine, mode: TargetMode) -> None:
    """Bind-mount the tree of `mode` at the data root, in place of what is mounted there. The application must be stopped."""
    folder, place = mount_tree(machine, mode), machine.layout.shared
    unbind(machine)
    place.mkdir(parents=True, exist_ok=True)
    run("mount", "--bind", str(folder), str(place))
    for name in machine.layout.application.files.per_instance:
        (place / name).mkdir(parents=True, exist_ok=True)
        _set_owner(machine, place / name)
    data_roots.bind_shared(machine.layout)


def _set_owner(machine: Machine, folder: Path) -> None:
    os.chown(folder, *machine.layout.application.owner.ids)


def unbind(machine: Machine) -> None:
    """Unmount everything at the data root, and what is mounted from it elsewhere."""
    data_roots.unbind(machine.layout)
    while machine.layout.shared.is_mount():
        run("umount", str(machine.layout.shared))


def unmount(machine: Machine) -> None:
    """Unmount the data root and the file system."""
    unbind(machine)
    if machine.layout.efs.is_mount():
        run("umount", str(machine.layout.efs))
