"""Make an image of a point in time: a converted copy of the replicated disk."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from rehearsal.replication_engine.cloud import Cloud
from rehearsal.replication_engine.conversion import Conversion, Pending
from rehearsal.replication_engine.replica import Replica


def make_image(
    cloud: Cloud,
    replica: Replica,
    point: str,
    *,
    name: str,
    conversion: Conversion,
    pending: Pending,
    mount: Path,
    converted: Callable[[], None] = lambda: None,
) -> str:
    """Return the id of an image that boots as another machine. The point stays as it is.

    The copy is mounted at `mount` while it is converted; `converted` is called before the copy becomes an image.
    Raises RehearsalError, CloudError when the cloud refuses the image.
    """
    disk = replica.folder / f"converted-{secrets.token_hex(8)}.disk"
    try:
        replica.copy(point, disk)
        conversion.convert(disk, mount, pending)
        converted()
        return cloud.make_image(name, disk)
    finally:
        disk.unlink(missing_ok=True)
