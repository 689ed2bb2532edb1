"""Disk images that machines start from, cached by the content of their recipe.

debian-12  a stock cloud image; it replaces the Ubuntu image that SourceStack names (the host can build only Debian)
rds        the same with MariaDB installed and not running; for the appliance behind RDS, where that has no MySQL (database_image.py)
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from rehearsal.world import disks
from rehearsal.world.authority import Authority
from rehearsal.world.cache import Report, compute_digest, compute_folder_digest, make_once
from rehearsal.world.mirror import make_mirror
from rehearsal.world.rootfs import SUITE, make_rootfs
from rehearsal.world.shell import run

SIZE = 8 << 30
"""Bytes of a stock image's disk (as Ubuntu's); sparse."""
IMAGES: dict[str, tuple[str, ...]] = {"debian-12": (), "rds": ("mariadb-server",)}
"""Packages that an image has beyond the stock system."""
_OVERLAY = Path(__file__).with_name("overlay")
_REVISION = "1"
_SETUP = """set -eu
update-ca-certificates >/dev/null
for helper in mount.nfs4 mount.nfs; do
    dpkg-divert --quiet --local --rename --divert /sbin/$helper.distribution --add /sbin/$helper
    ln -s /usr/lib/rehearsal/mount-nfs /sbin/$helper
done
systemctl --quiet enable cloud-init.service cloud-final.service cloud-init.target ssh.service
systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
systemctl --quiet mask systemd-networkd-wait-online.service systemd-resolved.service getty.target console-getty.service
systemctl --quiet mask run-rpc_pipefs.mount
printf 'nameserver 169.254.169.253\\noptions timeout:2 attempts:3\\n' >/etc/resolv.conf
rm -f /etc/ssh/ssh_host_* /etc/hostname /var/lib/dbus/machine-id
: >/etc/machine-id
mkdir -p /var/log/journal
"""


def make_image(name: str, cache: Path, report: Report) -> Path:
    """Return <cache>/<name>-<hash>.raw, an ext4 file system without partitions. It takes seconds when the rootfs exists."""
    system = make_rootfs(cache, report)
    authority = Authority(cache)
    stock = compute_digest(
        _REVISION, str(SIZE), system.name, compute_folder_digest(_OVERLAY), authority.certificate, _SETUP
    )
    base = make_once(
        cache,
        f"debian-12-{stock}.raw",
        lambda half: _make_stock_image(system, authority, cache, half),
        starting=lambda: report("machine image: disk"),
    )
    packages = IMAGES[name]
    if not packages:
        return base
    repository = make_mirror(cache, report)
    return make_once(
        cache,
        f"{name}-{compute_digest(base.name, repository.name, *packages)}.raw",
        lambda half: extend_image(base, repository, packages, half),
        starting=lambda: report(f"machine image: {name} (once, about 20 s)"),
    )


def _make_stock_image(system: Path, authority: Authority, cache: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=cache, prefix=".rootfs-") as scratch:
        root = Path(scratch) / "root"
        root.mkdir()
        run("tar", "-xf", system, "-C", root, "--numeric-owner")
        run("cp", "-rT", "--no-preserve=ownership", _OVERLAY, root)
        (root / "usr/local/share/ca-certificates/cutover-rehearsal.crt").write_bytes(authority.certificate)
        run_inside(root, _SETUP)
        with target.open("wb") as disk:
            disk.truncate(SIZE)
        run("mkfs.ext4", "-q", "-L", "root", "-E", "lazy_itable_init=0,lazy_journal_init=0", "-d", root, target)


def extend_image(base: Path, repository: Path, packages: Sequence[str], target: Path) -> None:
    """Make `target` a copy of the image `base` with these packages installed, none of whose services has run."""
    disks.copy_ranges(base, target, disks.list_data_ranges(base))

    def install(root: Path) -> None:
        policy, sources = root / "usr/sbin/policy-rc.d", root / "etc/apt/sources.list"
        policy.write_text("#!/bin/sh\nexit 101\n")  # services are not started while an image is made
        policy.chmod(0o755)
        sources.write_text(f"deb [trusted=yes] file:/run/mirror {SUITE} main\n")
        command = f"apt-get -q update && apt-get -q -y --no-install-recommends install {' '.join(packages)}"
        script = f"set -e\nexport DEBIAN_FRONTEND=noninteractive\n{command}\napt-get clean\n"
        run_inside(root, script, f"--bind-ro={repository}:/run/mirror")
        policy.unlink()
        shutil.rmtree(root / "var/lib/apt/lists")
        (root / "var/lib/apt/lists/partial").mkdir(parents=True)

    work_on_mounted(target, install)


def work_on_mounted(disk: Path, work: Callable[[Path], None]) -> None:
    """Run `work` on the mounted disk, and unmount it afterwards, also on an error."""
    with tempfile.TemporaryDirectory(dir=disk.parent, prefix=f".mount-{os.getpid()}-") as scratch:
        where = Path(scratch)
        disks.mount(disk, where)
        try:
            work(where)
        finally:
            disks.unmount(where)


def run_inside(root: Path, script: str, *options: str) -> None:
    """Run a shell script in a system that is not booted, with its own /proc and /dev and no network of the host."""
    environment = {**os.environ, "SYSTEMD_LOG_LEVEL": "err"}
    run(
        "systemd-nspawn",
        "--quiet",
        "--register=no",
        "--keep-unit",
        "--private-network",
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        "--pipe",
        f"--machine=image-{os.getpid()}",
        *options,
        f"--directory={root}",
        "/bin/sh",
        "-s",
        text=script,
        env=environment,
    )
