"""The machine image of these tests: the stock system with the software that both playbooks install on an application
server.
"""

from __future__ import annotations

from pathlib import Path

from rehearsal.settings import Settings
from rehearsal.world import disks
from rehearsal.world.cache import compute_digest, make_once
from rehearsal.world.images import extend_image, make_image
from rehearsal.world.mirror import make_mirror

PACKAGES = (
    "ansible-core", "ca-certificates", "git", "haproxy", "nfs-common", "openssh-client", "openssh-server", "openssl",
    "python3-boto3",
    "python3-pymysql", "python3-requests", "rsync",
)  # fmt: skip


def prepare_image(settings: Settings) -> Path:
    """Return the image. The first call takes 40 seconds.

    Create it before a world runs, because a process of the world that keeps its mounts would keep this mount too.
    """
    base, repository = make_image("debian-12", settings.cache, print), make_mirror(settings.cache, print)
    return make_once(
        settings.cache,
        f"provisioned-{compute_digest(base.name, repository.name, *PACKAGES)}.raw",
        lambda half: extend_image(base, repository, PACKAGES, half),
        starting=lambda: print("machine image: packages of the playbooks (once, 40 s)"),
    )


def replace_stock_image(settings: Settings, ours: Path) -> None:
    """Start every further instance of this world from our image."""
    pooled = settings.pool / "images" / make_image("debian-12", settings.cache, print).name
    half = pooled.with_suffix(".half")
    disks.copy_ranges(ours, half, disks.list_data_ranges(ours))
    half.replace(pooled)
