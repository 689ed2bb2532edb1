"""Handle the actions of EC2 about images and snapshots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rehearsal.aws.ec2.images import Images
from rehearsal.aws.ec2.models import Image, Snapshot, generate_id
from rehearsal.aws.ec2.responses.images import format_image, format_snapshot
from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.paging import cut_page, filter_items
from rehearsal.aws.registry import Registry
from rehearsal.aws.tags import Tags
from rehearsal.settings import ACCOUNT

Specifications = list[dict[str, Any]] | None
Filters = list[dict[str, Any]] | None


class ImageApi:
    """The actions on images and snapshots."""

    def __init__(self, registry: Registry, images: Images, tags: Tags) -> None:
        self._images, self._tags = images, tags
        registry.register_actions(
            "ec2",
            {
                "RegisterImage": self.register,
                "DeregisterImage": self.deregister,
                "DescribeImages": self.describe,
                "CreateSnapshot": self.create_snapshot,
                "DeleteSnapshot": self.delete_snapshot,
                "DescribeSnapshots": self.describe_snapshots,
            },
        )

    def register(
        self,
        name: str,
        block_device_mappings: list[dict[str, Any]] | None = None,
        root_device_name: str = "/dev/sda1",
        description: str = "",
        architecture: str = "i386",
        virtualization_type: str = "paravirtual",
        ena_support: bool = False,  # noqa: ARG002  every machine here has its network
        tag_specifications: Specifications = None,
    ) -> dict[str, Any]:
        """Register an image from the snapshot of the root device, as after an import."""
        if (architecture, virtualization_type) != ("x86_64", "hvm"):
            raise NotEmulated(f"an image of architecture {architecture}, virtualization {virtualization_type}")
        devices = {mapping["DeviceName"]: mapping.get("Ebs", {}) for mapping in block_device_mappings or []}
        if set(devices) != {root_device_name} or "SnapshotId" not in devices[root_device_name]:
            raise NotEmulated("an image of anything but one snapshot, that of its root device,")
        root = devices[root_device_name]
        snapshot = self._images.snapshot(root["SnapshotId"])
        image = self._images.register(
            name, snapshot, root_device=root_device_name, description=description, size=root.get("VolumeSize")
        )
        self._tags.add_specified(image.id, "image", tag_specifications)
        return {"ImageId": image.id}

    def deregister(self, image_id: str, *, delete_associated_snapshots: bool = False) -> dict[str, Any]:
        """Deregister an image, and delete its snapshots if the request has this option."""
        snapshot_id = self._images.get(image_id).snapshot_id
        self._images.deregister(image_id)
        if not delete_associated_snapshots:
            return {"Return": True}
        assert snapshot_id is not None  # only stock images have none, and nobody may deregister those
        self._images.delete_snapshot(snapshot_id)
        return {"Return": True, "DeleteSnapshotResults": [{"SnapshotId": snapshot_id, "ReturnCode": "success"}]}

    def describe(
        self,
        image_ids: list[str] | None = None,
        owners: list[str] | None = None,
        filters: Filters = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        """Return the images that match."""
        found = [self._images.get(one) for one in image_ids] if image_ids else list(self._images.images.values())
        accounts = {ACCOUNT if owner == "self" else owner for owner in owners or ()}
        found = [image for image in found if not accounts or image.owner in accounts]
        attributes: dict[str, Callable[[Image], Any]] = {
            "image-id": lambda i: i.id,
            "name": lambda i: i.name,
            "description": lambda i: i.description,
            "owner-id": lambda i: i.owner,
            "state": lambda i: i.state,
            "is-public": lambda i: i.public,
            "architecture": lambda _: "x86_64",
            "virtualization-type": lambda _: "hvm",
            "root-device-type": lambda _: "ebs",
            "root-device-name": lambda i: i.root_device,
            "image-type": lambda _: "machine",
        }
        found = filter_items(found, filters, attributes, lambda i: self._tags.of(i.id))
        shown, token = cut_page(found, next_token, max_results)
        return {"Images": [format_image(image, self._tags.format(image.id)) for image in shown], "NextToken": token}

    def create_snapshot(
        self, volume_id: str, description: str = "", tag_specifications: Specifications = None
    ) -> dict[str, Any]:
        """Take a snapshot of a volume. It is complete when this returns."""
        disk, mount, size = self._images.find_volume(volume_id)
        snapshot = Snapshot(generate_id("snap"), volume_id, size, description, has_blocks=disk.exists())
        if snapshot.has_blocks:
            self._images.fill_snapshot(snapshot, disk, mount)
        self._images.snapshots[snapshot.id] = snapshot
        self._tags.add_specified(snapshot.id, "snapshot", tag_specifications)
        return format_snapshot(snapshot, self._tags.format(snapshot.id))

    def delete_snapshot(self, snapshot_id: str) -> None:
        """Delete a snapshot that no image uses."""
        assert snapshot_id is not None  # only stock images have none, and nobody may deregister those
        self._images.delete_snapshot(snapshot_id)

    def describe_snapshots(
        self,
        snapshot_ids: list[str] | None = None,
        owner_ids: list[str] | None = None,
        filters: Filters = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        """Return the snapshots that match."""
        known = self._images.snapshots
        found = [self._images.snapshot(one) for one in snapshot_ids] if snapshot_ids else list(known.values())
        if owner_ids and not {"self", ACCOUNT} & set(owner_ids):
            found = []
        attributes: dict[str, Callable[[Snapshot], Any]] = {
            "snapshot-id": lambda s: s.id,
            "volume-id": lambda s: s.volume_id,
            "volume-size": lambda s: s.size,
            "status": lambda s: s.state,
            "description": lambda s: s.description,
            "owner-id": lambda _: ACCOUNT,
        }
        found = filter_items(found, filters, attributes, lambda s: self._tags.of(s.id))
        shown, token = cut_page(found, next_token, max_results)
        return {
            "Snapshots": [format_snapshot(snapshot, self._tags.format(snapshot.id)) for snapshot in shown],
            "NextToken": token,
        }
