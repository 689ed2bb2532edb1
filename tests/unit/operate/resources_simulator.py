# ruff: noqa: N802, N803, ARG002  (operations and parameters have the names of the service)
"""The resources of EC2 that `operate orphaned` reads and removes, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.unit.mgn.wire import ApiError

NOT_FOUND = {"instance": "InvalidInstanceID", "volume": "InvalidVolume", "snapshot": "InvalidSnapshot",
             "template": "InvalidLaunchTemplateId"}  # fmt: skip


@dataclass
class ResourcesSimulator:
    """Implements tests.unit.mgn.wire.Simulator. By id: state, tags and what a kind has beside them."""

    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    """ids that cannot be removed"""
    changes: list[str] = field(default_factory=list)

    def add(
        self, resource_id: str, state: str = "available", *, tags: dict[str, str] | None = None, **more: Any
    ) -> str:
        self.kept[resource_id] = {"state": state, "tags": tags or {}, **more}
        return resource_id

    def do(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = getattr(self, f"_{operation}")(**parameters)
        return result

    def _find(self, prefix: str, filters: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
        found = []
        for name, one in self.kept.items():
            values = {"image-id": one.get("image"), **{f"tag:{key}": value for key, value in one["tags"].items()}}
            if name.startswith(prefix) and all(values.get(given["Name"]) in given["Values"] for given in filters):
                found.append((name, one))
        return found

    def _remove(self, kind: str, resource_id: str) -> dict[str, Any]:
        if resource_id in self.refused:
            raise ApiError("UnauthorizedOperation", "You are not authorized to perform this operation.", 403)
        if resource_id not in self.kept:
            raise ApiError(f"{NOT_FOUND[kind]}.NotFound", f"{resource_id} does not exist")
        del self.kept[resource_id]
        self.changes.append(resource_id)
        return {}

    def _DescribeInstances(self, Filters: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "Reservations": [
                {"Instances": [{"InstanceId": name, "State": {"Name": one["state"]}, "Tags": to_tags(one)}]}
                for name, one in self._find("i-", Filters)
            ]
        }

    def _DescribeVolumes(self, Filters: list[dict[str, Any]]) -> dict[str, Any]:
        found = self._find("vol-", Filters)
        return {"Volumes": [{"VolumeId": name, "State": one["state"], "Tags": to_tags(one)} for name, one in found]}

    def _DescribeSnapshots(self, Filters: list[dict[str, Any]], OwnerIds: list[str]) -> dict[str, Any]:
        assert OwnerIds == ["self"]
        found = self._find("snap-", Filters)
        return {"Snapshots": [{"SnapshotId": name, "State": "completed", "Tags": to_tags(one)} for name, one in found]}

    def _DescribeImages(
        self,
        Filters: list[dict[str, Any]] | None = None,
        Owners: list[str] | None = None,
        ImageIds: list[str] | None = None,
    ) -> dict[str, Any]:
        found = [(name, one) for name, one in self._find("ami-", Filters or []) if name in (ImageIds or [name])]
        return {
            "Images": [
                {
                    "ImageId": name,
                    "State": one["state"],
                    "Tags": to_tags(one),
                    "BlockDeviceMappings": [{"Ebs": {"SnapshotId": snapshot}} for snapshot in one.get("snapshots", [])],
                }
                for name, one in found
            ]
        }

    def _DescribeLaunchTemplates(self, Filters: list[dict[str, Any]]) -> dict[str, Any]:
        found = self._find("lt-", Filters)
        return {"LaunchTemplates": [{"LaunchTemplateId": name, "Tags": to_tags(one)} for name, one in found]}

    def _DescribeLaunchTemplateVersions(self, Versions: list[str]) -> dict[str, Any]:
        assert Versions == ["$Latest", "$Default"]
        return {
            "LaunchTemplateVersions": [
                {"LaunchTemplateId": name, "LaunchTemplateData": {"ImageId": one.get("uses", "ami-0")}}
                for name, one in self._find("lt-", [])
            ]
        }

    def _TerminateInstances(self, InstanceIds: list[str]) -> dict[str, Any]:
        return self._remove("instance", InstanceIds[0])

    def _DeleteVolume(self, VolumeId: str) -> dict[str, Any]:
        return self._remove("volume", VolumeId)

    def _DeleteSnapshot(self, SnapshotId: str) -> dict[str, Any]:
        return self._remove("snapshot", SnapshotId)

    def _DeleteLaunchTemplate(self, LaunchTemplateId: str) -> dict[str, Any]:
        return self._remove("template", LaunchTemplateId)

    def _DeregisterImage(self, ImageId: str, DeleteAssociatedSnapshots: bool) -> dict[str, Any]:
        assert DeleteAssociatedSnapshots
        for snapshot in self.kept[ImageId].get("snapshots", []):
            self._remove("snapshot", snapshot)
        return self._remove("image", ImageId)


def to_tags(one: dict[str, Any]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in one["tags"].items()]
