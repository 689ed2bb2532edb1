"""AMIs and EBS snapshots. All of it is copy on write: blocks that nobody changed exist once."""

from __future__ import annotations

import re
from pathlib import Path

from rehearsal.aws.ec2 import exceptions
from rehearsal.aws.ec2.models import Image, Snapshot, generate_id
from rehearsal.aws.registry import Registry
from rehearsal.aws.tags import Tags
from rehearsal.settings import ACCOUNT, Settings
from rehearsal.world import disks

CANONICAL = "099720109477"
UBUNTU_AMI = "ami-0c2404deb12000001"
UBUNTU_PARAMETER = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
"""Public SSM parameter of Canonical's current image; here it names the stock Debian 12 image."""
_NAME = re.compile(r"[A-Za-z0-9()\[\] ./\-'@_]{3,128}")
_GIB = 1 << 30


class Images:
    """The records; the actions are in api/images.py. Thread-safe as far as one id is changed by one thread."""

    def __init__(self, registry: Registry, settings: Settings, tags: Tags) -> None:
        self._pool = settings.pool
        self._mounts = settings.mounts
        self._tags = tags
        self._volumes = registry.get_records("ec2", "volumes")
        self.images: dict[str, Image] = {}
        self.snapshots: dict[str, Snapshot] = {}

    def add_stock(self, disk: Path) -> None:
        """Add the image that everybody can start from."""
        size = round_up_to_gibibytes(disk)
        name = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-rehearsal"
        what = "Debian 12: what the rehearsal has in the place of Ubuntu 24.04"
        stock = Image(UBUNTU_AMI, name, disk, CANONICAL, size, "/dev/sda1", description=what, public=True)
        self.images[stock.id] = stock

    def get(self, image_id: str) -> Image:
        """Return an image. Raises ApiError when there is none."""
        if image_id not in self.images:
            raise exceptions.image_not_found(image_id)
        return self.images[image_id]

    def snapshot(self, snapshot_id: str) -> Snapshot:
        """Return a snapshot. Raises ApiError when there is none."""
        if snapshot_id not in self.snapshots:
            raise exceptions.snapshot_not_found(snapshot_id)
        return self.snapshots[snapshot_id]

    def check_name(self, name: str) -> None:
        """Check the name of a new image. Raises ApiError."""
        if not _NAME.fullmatch(name):
            raise exceptions.malformed_image_name(name)
        taken = next((i for i in self.images.values() if i.name == name and i.state != "failed"), None)
        if taken:
            raise exceptions.duplicate_image_name(name, taken.id)

    def fill_snapshot(self, snapshot: Snapshot, disk: Path, mount: Path | None) -> None:
        """Fill a snapshot from a disk at one point in time. A mounted disk is frozen for some milliseconds."""
        disks.snapshot(disk, mount, self.locate_blocks(snapshot.id))
        snapshot.state, snapshot.has_blocks = "completed", True

    def register(
        self, name: str, snapshot: Snapshot, *, root_device: str, description: str = "", size: int | None = None
    ) -> Image:
        """Register an image whose blocks are the snapshot's. Raises ApiError when the snapshot has none."""
        self.check_name(name)
        if not self.locate_blocks(snapshot.id).exists():
            raise exceptions.snapshot_without_blocks(snapshot.id)
        image_id = generate_id("ami")
        disk = self._pool / "images" / f"{image_id}.raw"
        disks.clone(self.locate_blocks(snapshot.id), disk)
        image = Image(image_id, name, disk, ACCOUNT, size or snapshot.size, root_device, snapshot.id, description)
        self.images[image_id] = image
        return image

    def copy(self, snapshot: Snapshot, image: Image) -> None:
        """Give an image the snapshot's blocks."""
        disks.clone(self.locate_blocks(snapshot.id), image.disk)

    def deregister(self, image_id: str) -> None:
        """Remove an image of the account. Raises ApiError for one of somebody else."""
        image = self.get(image_id)
        if image.owner != ACCOUNT:
            raise exceptions.image_of_another_account(image_id)
        del self.images[image_id]
        image.disk.unlink(missing_ok=True)
        self._tags.drop(image_id)

    def delete_snapshot(self, snapshot_id: str) -> None:
        """Remove a snapshot. Raises ApiError while an image uses it."""
        self.snapshot(snapshot_id)
        user = next((image for image in self.images.values() if image.snapshot_id == snapshot_id), None)
        if user:
            raise exceptions.snapshot_in_use(snapshot_id, user.id)
        del self.snapshots[snapshot_id]
        self.locate_blocks(snapshot_id).unlink(missing_ok=True)
        self._tags.drop(snapshot_id)

    def locate_blocks(self, snapshot_id: str) -> Path:
        """Return the path of a snapshot's blocks."""
        return self._pool / "snapshots" / f"{snapshot_id}.raw"

    def find_volume(self, volume_id: str) -> tuple[Path, Path | None, int]:
        """Return the disk of a volume, where it is mounted (None: nowhere), and its size in GiB.

        The disk may not exist: it was never written.
        """
        record = self._volumes.get(volume_id)
        if record is None:
            raise exceptions.volume_not_found(volume_id)
        attached = next((a["InstanceId"] for a in record.get("Attachments", [])), None)
        disk = self._pool / "volumes" / f"{attached or volume_id}.raw"
        mount = self._mounts / attached if attached else None
        return disk, mount if mount and mount.is_mount() else None, int(record["Size"])


def round_up_to_gibibytes(disk: Path) -> int:
    """Return the size of a disk in GiB, rounded up as on EBS."""
    return -(-disk.stat().st_size // _GIB)


def check_state(image: Image) -> None:
    """Raise ApiError for an image that no instance can start from."""
    if image.state != "available":
        raise exceptions.image_unavailable(image.id)
