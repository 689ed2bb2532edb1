"""Resources in EC2 that cost money, by their tags: read and removed one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.clients.compute import Compute
from common.errors import StepFailed

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

Kind = Literal["instance", "volume", "image", "snapshot", "launch template"]
ENDED = frozenset({"shutting-down", "terminated"})
ENVIRONMENT_TAGS = frozenset({"environment", "env", "stage"})
PRODUCTION = frozenset({"production", "prod", "live"})
UNUSED = "available"
"""state of a volume that no instance uses"""
GONE = (
    "InvalidInstanceID.NotFound",
    "InvalidVolume.NotFound",
    "InvalidSnapshot.NotFound",
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateId.NotFoundException",
)
ACTIONS: Mapping[Kind, str] = {
    "instance": "ec2:TerminateInstances",
    "volume": "ec2:DeleteVolume",
    "snapshot": "ec2:DeleteSnapshot",
    "launch template": "ec2:DeleteLaunchTemplate",
}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource. `state` as EC2 names it, empty for a kind that has none."""

    kind: Kind
    resource_id: str
    state: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    snapshots: tuple[str, ...] = ()
    """of an image"""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A resource that may be left over: what it is, and why it may go or why it stays."""

    resource: Resource
    what: str
    reason: str
    is_removable: bool


class Resources:
    """The resources of the account in one region. Tags are filters: name -> value."""

    def __init__(self, ec2: EC2Client) -> None:
        self._ec2 = ec2
        self._removals: Mapping[Kind, Callable[[Resource], object]] = {
            "instance": lambda one: ec2.terminate_instances(InstanceIds=[one.resource_id]),
            "volume": lambda one: ec2.delete_volume(VolumeId=one.resource_id),
            "snapshot": lambda one: ec2.delete_snapshot(SnapshotId=one.resource_id),
            "launch template": lambda one: ec2.delete_launch_template(LaunchTemplateId=one.resource_id),
        }

    def list_all(self, tags: Mapping[str, str]) -> list[Resource]:
        """Return every resource that has all of these tags. Terminated instances cost nothing; a snapshot of an image goes with it."""
        images = self.list_images(tags)
        held = {snapshot for image in images for snapshot in image.snapshots}
        snapshots = [one for one in self.list_snapshots(tags) if one.resource_id not in held]
        return [
            *self.list_instances(tags),
            *self.list_volumes(tags),
            *images,
            *snapshots,
            *self.list_launch_templates(tags),
        ]

    def list_instances(self, tags: Mapping[str, str]) -> list[Resource]:
        """Return instances that have not ended."""
        found = [
            Resource(kind="instance", resource_id=raw["InstanceId"], state=raw["State"]["Name"], tags=_parse_tags(raw))
            for page in self._iterate_pages("describe_instances", tags)
            for reservation in page["Reservations"]
            for raw in reservation["Instances"]
        ]
        return [one for one in found if one.state not in ENDED]

    def list_volumes(self, tags: Mapping[str, str]) -> list[Resource]:
        """Return volumes, also those in use."""
        return [
            Resource(kind="volume", resource_id=raw["VolumeId"], state=raw.get("State", ""), tags=_parse_tags(raw))
            for page in self._iterate_pages("describe_volumes", tags)
            for raw in page["Volumes"]
        ]

    def list_images(self, tags: Mapping[str, str]) -> list[Resource]:
        """Return the account's own images with the snapshots that they hold."""
        return [
            Resource(
                kind="image",
                resource_id=raw["ImageId"],
                state=raw.get("State", ""),
                tags=_parse_tags(raw),
                snapshots=tuple(
                    mapping["Ebs"]["SnapshotId"]
                    for mapping in raw.get("BlockDeviceMappings", [])
                    if mapping.get("Ebs", {}).get("SnapshotId")
                ),
            )
            for page in self._iterate_pages("describe_images", tags, Owners=["self"])
            for raw in page["Images"]
        ]

    def list_snapshots(self, tags: Mapping[str, str]) -> list[Resource]:
        """Return the account's own snapshots."""
        return [
            Resource(kind="snapshot", resource_id=raw["SnapshotId"], state=raw.get("State", ""), tags=_parse_tags(raw))
            for page in self._iterate_pages("describe_snapshots", tags, OwnerIds=["self"])
            for raw in page["Snapshots"]
        ]

    def list_launch_templates(self, tags: Mapping[str, str]) -> list[Resource]:
        """Return launch templates."""
        return [
            Resource(kind="launch template", resource_id=raw["LaunchTemplateId"], tags=_parse_tags(raw))
            for page in self._iterate_pages("describe_launch_templates", tags)
            for raw in page["LaunchTemplates"]
        ]

    def find_user(self, image: Resource) -> str:
        """Return what still uses the image: an instance or a launch template. Empty for none."""
        with translate_aws_errors("ec2:DescribeInstances"):
            pages = self._ec2.get_paginator("describe_instances").paginate(
                Filters=[{"Name": "image-id", "Values": [image.resource_id]}]
            )
            instances = [raw for page in pages for held in page["Reservations"] for raw in held["Instances"]]
        running = [str(raw["InstanceId"]) for raw in instances if raw["State"]["Name"] not in ENDED]
        if running:
            return f"instance {running[0]}"
        with translate_aws_errors("ec2:DescribeLaunchTemplateVersions"):  # without a template: of all templates
            versions = self._ec2.get_paginator("describe_launch_template_versions").paginate(
                Versions=["$Latest", "$Default"]
            )
            for version in (one for page in versions for one in page["LaunchTemplateVersions"]):
                if version.get("LaunchTemplateData", {}).get("ImageId") == image.resource_id:
                    return f"launch template {version['LaunchTemplateId']}"
        return ""

    def remove(self, resource: Resource) -> bool:
        """Remove the resource. Return False when it was gone already."""
        if resource.kind == "image":
            image = Compute(self._ec2).find_image(resource.resource_id)
            if image is not None:
                Compute(self._ec2).delete_image(image)
            return image is not None
        try:
            with translate_aws_errors(ACTIONS[resource.kind], machine=resource.resource_id):
                self._removals[resource.kind](resource)
        except StepFailed as failed:
            if isinstance(failed.__cause__, ClientError) and get_error_code(failed.__cause__) in GONE:
                return False
            raise
        return True

    def _iterate_pages(self, operation: str, tags: Mapping[str, str], **more: Any) -> Iterator[Any]:
        filters = [{"Name": f"tag:{name}", "Values": [value]} for name, value in tags.items()]
        with translate_aws_errors(f"ec2:{self._ec2.meta.method_to_api_mapping[operation]}"):
            yield from self._ec2.get_paginator(operation).paginate(Filters=filters, **more)  # type: ignore[call-overload]


def find_production_tag(tags: Mapping[str, str]) -> str:
    """Return the tag, as `key=value`, by which the owner marks production, empty when there is none."""
    marked = (key for key, value in tags.items() if key.lower() in ENVIRONMENT_TAGS and value.lower() in PRODUCTION)
    return next((f"{key}={tags[key]}" for key in marked), "")


def _parse_tags(raw: Mapping[str, Any]) -> dict[str, str]:
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in raw.get("Tags", [])}
