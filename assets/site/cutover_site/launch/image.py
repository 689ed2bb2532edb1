"""Makes this replica's disk fit to be an image: no secret, no data of the site, no identity; what boots from it is a target."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from cutover_site.application import load_behavior
from cutover_site.errors import SiteError
from cutover_site.files import efs
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.providers import AGENT_FILES, AGENT_FOLDERS
from cutover_site.system import systemd, textfiles
from cutover_site.system.commands import run
from cutover_site.system.erase import erase

LOG = logging.getLogger(__name__)
BOOT_UNITS = ("cutover-boot.service", "cutover-tend.timer")
SOURCE_UNITS = ("cutover-lease.timer", "cutover-post-launch.service", "aws-discovery-daemon.service")

# These are of every machine; what the application adds is in its profile (`Image`). Emptied, kept as folders.
EMPTIED = (
    "var/lib/cutover",
    *AGENT_FOLDERS,
    "tmp",
    "var/tmp",
    "run/cutover",
)
# Taken away. Globs below the root.
REMOVED = (
    *AGENT_FILES, "etc/ssh/ssh_host_*", "root/.ssh/*", "home/*/.ssh/*", "root/.*_history",
    "home/*/.*_history", "root/.ansible", "root/.my.cnf", "root/.netrc", "root/.git-credentials", "home/*/.netrc", "home/*/.git-credentials", "etc/cutover/extra-vars.json", "etc/cutover/source_host_key.pub", "opt/cutover/provisioning",
    "var/lib/cloud/instance", "var/lib/cloud/instances/*", "var/lib/dhcp/*",
)  # fmt: skip
SECRETS = (
    "etc/ssh/ssh_host_*_key",
    "root/.ssh/*", "home/*/.ssh/*", "root/.my.cnf", "root/.netrc", "root/.git-credentials", "home/*/.netrc", "home/*/.git-credentials",
    "root/.*_history", "home/*/.*_history", "etc/cutover/extra-vars.json",
    "var/log/cutover-provisioning.log",
)  # fmt: skip
"""overwritten before they are removed: the image is made of blocks, not of files. The keys of the site's own SSH service are among them: the
targets have them from the shared files, so its clients see no change; the machine's own keys are made anew by each target"""


class NotClean(SiteError):
    """Something is left that must not be in an image."""


def prepare(machine: Machine) -> dict[str, object]:
    """Raises NotClean when a check afterwards still finds data or secrets, or free blocks were not discarded on a disk that can. Safe to repeat.

    `free_blocks`: `discarded`, or `kept` on a disk that cannot discard, where they may hold what deleted files held.
    """
    root, profile = machine.layout.root, machine.layout.application
    behavior = load_behavior(profile)
    for unit in reversed(profile.units):
        systemd.stop(unit)
    efs.unmount(machine)
    for path in matches(root, (*profile.image.secrets, *SECRETS)):
        if path.is_file():
            erase(path)
    for path in behavior.find_secrets(machine.layout):
        erase(path)
    for folder in (profile.files.root, *profile.image.emptied, *EMPTIED):
        empty(root / folder)
    for path in matches(root, (*profile.image.removed, *REMOVED)):
        remove(path)
    behavior.seal(machine.layout)
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
    if left := remains(machine.layout):
        raise NotClean(f"these must not be in an image: {', '.join(map(str, left))}")
    os.sync()  # first: a file system gives blocks free when what freed them is on the disk
    free = discard(root)
    return {"sealed": True, "units": list(BOOT_UNITS), "free_blocks": free}


def discard(root: Path) -> Literal["discarded", "kept"]:
    """Blocks that files gave free may still hold what they held: the disk forgets them, if it can. Raises NotClean when it fails to."""
    done = run("fstrim", str(root), timeout=300, environment={**os.environ, "LC_ALL": "C"}, accept=range(256))
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode == 0:
        return "discarded"
    if "not supported" in said:
        LOG.warning(
            "the disk cannot discard: free blocks keep what deleted files held; secrets were overwritten before"
        )
        return "kept"
    raise NotClean(
        f"free blocks of the disk were not discarded: {said or f'fstrim ended with {done.returncode}'}",
        next_action="look at the replica's disk: dmesg",
    )


def empty(folder: Path) -> None:
    if folder.is_dir() and not folder.is_mount():
        for path in folder.iterdir():
            remove(path)


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def matches(root: Path, patterns: Iterable[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in root.glob(pattern)})


def remains(layout: Layout) -> list[Path]:
    """Return what is still there of what must not be."""
    root, image = layout.root, layout.application.image
    emptied = (layout.application.files.root, EMPTIED[0])
    kept = [path for folder in emptied if (root / folder).is_dir() for path in (root / folder).iterdir()]
    kept += load_behavior(layout.application).find_remains(layout)
    secrets = [path for path in matches(root, (*image.secrets, *SECRETS)) if not path.is_symlink()]
    return sorted({*kept, *secrets, *matches(root, (*image.removed, *REMOVED))})


def _clean_logs(root: Path) -> None:
    """Raises CommandFailed when the journal's past cannot be put away."""
    if systemd.is_active("systemd-journald.service"):
        run("journalctl", "--rotate")
    for path in (root / "var/log").rglob("*"):
        if not path.is_file() or path.is_symlink():
            continue
        if "journal" not in path.parts:
            os.truncate(path, 0)
        elif "@" in path.name:  # what is not written any more
            path.unlink()
