"""Makes this replica's disk fit to be an image: no secret, no data of the site, no identity; what boots from it is a target."""

import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from cutover_site.errors import SiteError
from cutover_site.files import efs
from cutover_site.gogs import service
from cutover_site.machine import Machine
from cutover_site.system import systemd, textfiles
from cutover_site.system.commands import run

LOG = logging.getLogger(__name__)
BOOT_UNITS = ("cutover-boot.service", "cutover-tend.timer")
SOURCE_UNITS = ("gogs.service", "cutover-lease.timer", "cutover-post-launch.service", "aws-discovery-daemon.service")

# Emptied, kept as folders.
EMPTIED = (
    "srv/gogs",
    "var/lib/gogs",
    "var/lib/cutover",
    "var/lib/cloudendure-conversion",
    "tmp",
    "var/tmp",
    "run/gogs",
    "run/cutover",
)
# Taken away. Globs below the root.
REMOVED = (
    "boot/ce_conversion/*", "boot/post_launch/*", "etc/ssh/ssh_host_*", "root/.ssh/*", "home/*/.ssh/authorized_keys", "root/.*_history",
    "home/*/.*_history", "root/.ansible", "root/.my.cnf", "etc/cutover/extra-vars.json", "etc/cutover/source_host_key.pub", "opt/cutover/provisioning",
    "var/lib/cloud/instance", "var/lib/cloud/instances/*", "var/lib/cloudendure", "var/lib/dhcp/*",
)  # fmt: skip
SECRETS = (
    "opt/gogs/custom/conf/app.ini",
    "run/gogs/app.ini",
    "etc/ssh/ssh_host_*_key",
    "var/log/cutover-provisioning.log",
    "var/lib/gogs/sessions/*",
)
"""overwritten before they are removed: the image is made of blocks, not of files"""


class NotClean(SiteError):
    """Something is left that must not be in an image."""


def prepare(machine: Machine) -> dict[str, object]:
    """Raises NotClean when a check afterwards still finds data or secrets. Safe to repeat."""
    root = machine.layout.root
    service.stop()
    efs.unmount(machine)
    for pattern in SECRETS:
        for path in root.glob(pattern):
            if path.is_file():
                service.erase(path)
    for folder in EMPTIED:
        empty(root / folder)
    for path in matches(root, REMOVED):
        remove(path)
    machine.layout.app_ini.unlink(missing_ok=True)
    machine.layout.app_ini.symlink_to(machine.layout.volatile_app_ini)
    _clean_logs(root)
    textfiles.replace(
        machine.layout.target_seal,
        "This disk is the image of a target: it serves nothing before cutover-boot.service.\n",
    )
    for unit in SOURCE_UNITS:
        systemd.disable(unit)
    for unit in BOOT_UNITS:
        systemd.enable(unit)
    if shutil.which("cloud-init"):
        run("cloud-init", "clean", "--logs", "--seed")
    (root / "etc/machine-id").write_text("")
    if left := remains(root):
        raise NotClean(f"these must not be in an image: {', '.join(map(str, left))}")
    # Blocks that the files above gave free may still hold what they held: the disk forgets them.
    run("fstrim", "--all", timeout=300, accept=(0, 1, 32, 64))
    os.sync()
    return {"sealed": True, "units": list(BOOT_UNITS)}


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


def remains(root: Path) -> list[Path]:
    """What is still there of what must not be."""
    kept = [path for folder in EMPTIED[:3] if (root / folder).is_dir() for path in (root / folder).iterdir()]
    secrets = [path for path in matches(root, SECRETS) if not path.is_symlink()]
    return sorted({*kept, *secrets, *matches(root, REMOVED)})


def _clean_logs(root: Path) -> None:
    run("journalctl", "--rotate", accept=(0, 1))
    run("journalctl", "--vacuum-time=1s", accept=(0, 1))
    for path in (root / "var/log").rglob("*"):
        if path.is_file() and "journal" not in path.parts:
            os.truncate(path, 0)
