"""Prepare this replica's disk for an image: without secrets, data of the site, or identity.

A machine that boots from the image is a target.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from cutover_site.application import load_behavior
from cutover_site.errors import SiteError
from cutover_site.files import data_roots, efs, mounts
from cutover_site.launch import database_copy
from cutover_site.launch.node_registration import FORMER_REGISTRATION, REGISTRATION
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.providers import AGENT_FILES, AGENT_FOLDERS
from cutover_site.proxy import target_front
from cutover_site.system import systemd, textfiles
from cutover_site.system.commands import run
from cutover_site.system.erase import erase
from cutover_site.system.file_flags import change_protected

LOG = logging.getLogger(__name__)
BOOT_UNITS = ("cutover-boot.service", "cutover-tend.timer")
SOURCE_UNITS = ("cutover-lease.timer", "cutover-post-launch.service", "aws-discovery-daemon.service")

# These folders of every machine are emptied and kept. The application's are in its profile (`Image`).
EMPTIED = (
    "var/lib/cutover",
    *AGENT_FOLDERS,
    "tmp",
    "var/tmp",
    "run/cutover",
)
# These patterns below the root are removed.
REMOVED = (
    *AGENT_FILES, REGISTRATION, FORMER_REGISTRATION, "root/.aws/credentials", "home/*/.aws/credentials", "etc/ssh/ssh_host_*", "root/.ssh/*", "home/*/.ssh/*", "root/.*_history",
    "home/*/.*_history", "root/.ansible", "root/.my.cnf", "root/.netrc", "root/.git-credentials", "home/*/.netrc", "home/*/.git-credentials", "etc/cutover/extra-vars.json", "etc/cutover/source_host_key.pub", "opt/cutover/provisioning",
    "var/lib/cloud/instance", "var/lib/cloud/instances/*", "var/lib/dhcp/*",
)  # fmt: skip
SECRETS = (
    REGISTRATION, FORMER_REGISTRATION, "root/.aws/credentials", "home/*/.aws/credentials",
    "etc/ssh/ssh_host_*_key",
    "root/.ssh/*", "home/*/.ssh/*", "root/.my.cnf", "root/.netrc", "root/.git-credentials", "home/*/.netrc", "home/*/.git-credentials",
    "root/.*_history", "home/*/.*_history", "etc/cutover/extra-vars.json",
    "var/log/cutover-provisioning.log", "var/lib/cutover/adopted/**/*",
)  # fmt: skip
"""overwritten before they are removed, because an image is made of blocks, not of files. The keys of the site's own SSH service are among them:
the targets have them from the shared files, so clients see no change. Each target generates its machine's own keys"""


class NotClean(SiteError):
    """The disk still has content that must not be in an image."""


def prepare_image(machine: Machine) -> dict[str, object]:
    """Remove secrets, data and identity from this disk, and seal it as a target's. It is safe to repeat.

    Raises NotClean when a check afterwards still finds data or secrets, and when the disk supports discarding but free blocks
    were not discarded.

    `free_blocks`: `discarded`; or `kept` on a disk that cannot discard: its free blocks may still have content of deleted files.
    """
    root, profile = machine.layout.root, machine.layout.application
    behavior = load_behavior(profile)
    for unit in reversed(profile.units):
        systemd.stop(unit)
    efs.unmount(machine)
    target_front.install(machine.layout)
    for unit in data_roots.list_units(machine.layout):
        systemd.disable(unit)
        (root / "etc/systemd/system" / unit).unlink(missing_ok=True)
    kept = set(find_matches(root, profile.program.files))
    for path in find_matches(root, (*profile.image.secrets, *SECRETS)):
        if path.is_file() and path not in kept:
            change_protected(path, erase)
    for path in behavior.find_secrets(machine.layout):
        change_protected(path, erase)
    for folder in (profile.files.root, *profile.image.emptied, *EMPTIED):
        empty_folder(root / folder)
    for folder in profile.files.aliases:  # each may be a disk of its own
        empty_local_folder(machine.layout.find(folder))
    for path in find_matches(root, (*profile.image.removed, *REMOVED)):
        if path not in kept:
            remove_path(path)
    behavior.seal(machine.layout)
    database_copy.remove_copy(machine)
    _clean_logs(root)
    textfiles.replace(
        machine.layout.target_seal,
        "This disk is the image of a target: it serves nothing before cutover-boot.service.\n",
    )
    for unit in (*profile.units, *SOURCE_UNITS):
        systemd.disable(unit)
    for unit in BOOT_UNITS:
        systemd.enable(unit)
    if shutil.which("cloud-init"):
        run("cloud-init", "clean", "--logs", "--seed")
    (root / "etc/machine-id").write_text("")
    if left := [*find_remains(machine.layout), *database_copy.find_data(machine)]:
        raise NotClean(f"these must not be in an image: {', '.join(map(str, left))}")
    os.sync()  # first: a file system frees blocks only after the change that freed them is on the disk
    free = discard_free_blocks(root)
    return {"sealed": True, "units": list(BOOT_UNITS), "free_blocks": free}


def discard_free_blocks(root: Path) -> Literal["discarded", "kept"]:
    """Discard free blocks if the disk can, because they may still have the content of deleted files.

    Raises NotClean when the disk can and the command fails.
    """
    done = run("fstrim", str(root), timeout=300, environment={**os.environ, "LC_ALL": "C"}, accept=range(256))
    output = done.stderr.decode(errors="replace").strip()
    if done.returncode == 0:
        return "discarded"
    if "not supported" in output:
        LOG.warning(
            "the disk cannot discard: free blocks keep the content of deleted files; secrets were overwritten before"
        )
        return "kept"
    raise NotClean(
        f"free blocks of the disk were not discarded: {output or f'fstrim ended with {done.returncode}'}",
        next_action="look at the replica's disk: dmesg",
    )


def empty_folder(folder: Path) -> None:
    """Remove everything in a folder. It ignores a missing folder and a mount point."""
    if folder.is_dir() and not folder.is_mount():
        for path in folder.iterdir():
            remove_path(path)


def empty_local_folder(folder: Path) -> None:
    """Remove everything in a folder, also when it is the mount point of a disk of this machine. It ignores a file system of another machine."""
    if folder.is_dir() and not any(kind == mounts.FOREIGN for kind, _place in mounts.find_mounts(folder)):
        for path in folder.iterdir():
            remove_path(path)


def remove_path(path: Path) -> None:
    """Remove a file, a link, or a folder with everything below it, also when somebody has made them immutable."""

    def remove(path: Path) -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    change_protected(path, remove)


def find_matches(root: Path, patterns: Iterable[str]) -> list[Path]:
    """Return the paths below `root` that match one of the patterns, sorted."""
    return sorted({path for pattern in patterns for path in root.glob(pattern)})


def find_remains(layout: Layout) -> list[Path]:
    """Return the paths that exist and must not be in an image, sorted."""
    root, image = layout.root, layout.application.image
    emptied = (
        layout.application.files.root,
        EMPTIED[0],
        *(path.lstrip("/") for path in layout.application.files.aliases),
    )
    kept = [path for folder in emptied if (root / folder).is_dir() for path in (root / folder).iterdir()]
    kept += load_behavior(layout.application).find_remains(layout)
    public = set(find_matches(root, layout.application.program.files))
    secrets = [path for path in find_matches(root, (*image.secrets, *SECRETS)) if not path.is_symlink()]
    return sorted({*kept, *secrets, *find_matches(root, (*image.removed, *REMOVED))} - public)


def _clean_logs(root: Path) -> None:
    """Empty log files and remove archived journals. Raises CommandFailed when the journal cannot be rotated."""
    if systemd.is_active("systemd-journald.service"):
        run("journalctl", "--rotate")
    for path in (root / "var/log").rglob("*"):
        if not path.is_file() or path.is_symlink():
            continue
        if "journal" not in path.parts:
            change_protected(path, lambda log: os.truncate(log, 0))
        elif "@" in path.name:  # archived: no longer written
            change_protected(path, Path.unlink)
