"""The machine image of these tests: the stock system with what both playbooks install on an application server, so that this is done once."""

from __future__ import annotations

from pathlib import Path

from rehearsal.settings import Settings
from rehearsal.world import disks
from rehearsal.world.cache import digest, made
from rehearsal.world.images import extend, image
from rehearsal.world.mirror import mirror

PACKAGES = (
    "ansible-core", "ca-certificates", "git", "haproxy", "nfs-common", "openssh-client", "openssh-server", "openssl", "python3-boto3",
    "python3-pymysql", "python3-requests", "rsync",
)  # fmt: skip


def prepare_image(settings: Settings) -> Path:
    """Return the image, made before a world runs: a process of the world that keeps its mounts would keep this one too. 40 seconds once."""
    base, repository = image("debian-12", settings.cache, print), mirror(settings.cache, print)
    return made(
        settings.cache,
        f"provisioned-{digest(base.name, repository.name, *PACKAGES)}.raw",
        lambda half: extend(base, repository, PACKAGES, half),
        starting=lambda: print("machine image: packages of the playbooks (once, 40 s)"),
    )


def replace_stock_image(settings: Settings, ours: Path) -> None:
    """Every instance of this world starts from our image from now on."""
    pooled = settings.pool / "images" / image("debian-12", settings.cache, print).name
    half = pooled.with_suffix(".half")
    disks.copy_ranges(ours, half, disks.data_ranges(ours))
    half.replace(pooled)
