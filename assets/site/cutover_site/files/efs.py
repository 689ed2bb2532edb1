"""The shared file system: mounted whole at /mnt/efs, one of its two trees bound to where the application expects its files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Literal

from cutover_site.aws.partitions import find_partition
from cutover_site.errors import CommandFailed, SiteError
from cutover_site.machine import Machine
from cutover_site.system.commands import run

Mode = Literal["scratch", "live"]
# Two servers share the repositories: a name that was not there may be there now, because the other server has made it. A client that keeps
# such negative entries fails a push or a clone for up to a minute (nfs(5), lookupcache; GitLab asks for it too).
LOOKUPS = "lookupcache=positive"
# AWS's recommended options for the plain NFS client, and ours.
NFS_OPTIONS = f"nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,{LOOKUPS}"


class NotMounted(SiteError):
    """The shared file system is not where it must be; the application must not start."""


def mount(machine: Machine) -> Path:
    """The whole file system is at /mnt/efs. Encrypted in transit only where amazon-efs-utils is installed: no archive of Ubuntu has it."""
    place = machine.layout.efs
    if place.is_mount():
        return place
    place.mkdir(parents=True, exist_ok=True)
    name = str(machine.fact("file_system_id"))
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


def tree(machine: Machine, mode: Mode) -> Path:
    """`/mnt/efs/live` or `/mnt/efs/scratch`, made if it is not there."""
    folder = mount(machine) / mode
    if not folder.exists():
        folder.mkdir(mode=0o750)
        _give(machine, folder)
    return folder


def bind(machine: Machine, mode: Mode) -> None:
    """The data root is the tree of `mode` and nothing else. The application must be stopped."""
    folder, place = tree(machine, mode), machine.layout.shared
    unbind(machine)
    place.mkdir(parents=True, exist_ok=True)
    run("mount", "--bind", str(folder), str(place))
    for name in machine.layout.application.files.per_instance:
        (place / name).mkdir(parents=True, exist_ok=True)
        _give(machine, place / name)


def _give(machine: Machine, folder: Path) -> None:
    uid = machine.layout.application.owner.uid
    os.chown(folder, uid, uid)


def unbind(machine: Machine) -> None:
    while machine.layout.shared.is_mount():
        run("umount", str(machine.layout.shared))


def unmount(machine: Machine) -> None:
    unbind(machine)
    if machine.layout.efs.is_mount():
        run("umount", str(machine.layout.efs))
